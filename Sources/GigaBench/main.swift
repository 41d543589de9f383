// Closures written here would belong to the main actor and trap on foreign threads.
runBenchmarks()
