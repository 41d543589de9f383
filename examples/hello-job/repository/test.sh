sh greet.sh | grep -q Hello
