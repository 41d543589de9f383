/// The completion scripts of bash and zsh: one table of cases, two ways to offer words.
enum ShellCompletion {
    static var bash: String {
        """
        # Completion of giga for bash; giga completion bash prints it.
        \(table)
        _giga() {
            local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
            local -a plain=()
            local index word
            # Bash takes --name=value apart at the equals sign.
            if [[ $current == = ]]; then current=; fi
            if [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi
            for ((index = 1; index < COMP_CWORD; index++)); do
                word=${COMP_WORDS[index]}
                if [[ $word == -* ]]; then
                    if [[ " $_giga_valued " == *" $word "* ]]; then ((index++)); fi
                elif [[ $word != = ]]; then
                    plain+=("$word")
                fi
            done
            _giga_words "$current" "$before" "${plain[@]}"
            if [[ $_giga_found == '<files>' ]]; then
                compopt -o filenames 2>/dev/null || :
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
            else
                mapfile -t COMPREPLY < <(compgen -W "$_giga_found" -- "$current")
            fi
        }
        complete -F _giga giga

        """
    }

    static var zsh: String {
        """
        #compdef giga
        # Completion of giga for zsh; giga completion zsh prints it.
        \(table)
        _giga() {
            local current=${words[CURRENT]} before=${words[CURRENT-1]}
            local -a plain
            local index word
            for ((index = 2; index < CURRENT; index++)); do
                word=${words[index]}
                if [[ $word == -* ]]; then
                    if [[ " $_giga_valued " == *" $word "* ]]; then ((index++)); fi
                else
                    plain+=("$word")
                fi
            done
            _giga_words "$current" "$before" "${plain[@]}"
            if [[ $_giga_found == '<files>' ]]; then
                _files
            else
                compadd -- ${=_giga_found}
            fi
        }
        if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _giga "$@"; else compdef _giga giga; fi

        """
    }

    /// Puts into `_giga_found` what may stand where the cursor is: words, or `<files>`.
    private static var table: String {
        let valued = CompletionWords.valued.map { "--\($0)" }.joined(separator: " ")
        return """
            _giga_valued='\(valued)'
            _giga_words() {
                local current=$1 before=$2 command=
                shift 2
                case "$before" in
            \(values)
                esac
                if [[ " $_giga_valued " == *" $before "* ]]; then _giga_found='<files>'; return; fi
                case "${1-} ${2-}" in
            \(commands.filter { $0.contains(" ") }.map { "        '\($0)') command='\($0)' ;;" }
                .joined(separator: "\n"))
                esac
                if [[ -z $command ]]; then
                    case "${1-}" in
            \(commands.filter { !$0.contains(" ") }.map { "            '\($0)') command='\($0)' ;;" }
                .joined(separator: "\n"))
                    esac
                fi
                if [[ $current == -* ]]; then
                    case "$command" in
            \(options)
                    *) _giga_found='\(names(Usage.everywhere + [Usage.coordinator]))' ;;
                    esac
                    return
                fi
                if [[ -z $command ]]; then
                    case "${1-}" in
                    '') _giga_found='\(CompletionWords.firstWords.joined(separator: " "))' ;;
            \(groups)
                    *) _giga_found= ;;
                    esac
                    return
                fi
                case "$command" in
            \(positionals)
                *) _giga_found= ;;
                esac
            }
            """
    }

    private static var commands: [String] { CommandTable.usages.map(\.words) }

    private static func names(_ options: [Usage.Option]) -> String {
        options.map { "--\($0.name)" }.joined(separator: " ")
    }

    private static var values: String {
        let all = CommandTable.usages.flatMap(\.allOptions)
        let names = Set(all.filter { !CompletionWords.values(of: $0).isEmpty }.map(\.name))
        return names.sorted().map { name in
            let words = CompletionWords.values(of: .value(name, "", "")).joined(separator: " ")
            return "    --\(name)) _giga_found='\(words)'; return ;;"
        }.joined(separator: "\n")
    }

    private static var options: String {
        CommandTable.usages.map { usage in
            "        '\(usage.words)') _giga_found='\(names(usage.allOptions))' ;;"
        }.joined(separator: "\n")
    }

    private static var groups: String {
        CompletionWords.firstWords.compactMap { first in
            let words = CompletionWords.secondWords(after: first).map(\.word)
            guard !words.isEmpty else { return nil }
            return "        '\(first)') _giga_found='\(words.joined(separator: " "))' ;;"
        }.joined(separator: "\n")
    }

    private static var positionals: String {
        CommandTable.usages.compactMap { usage in
            let words = CompletionWords.positionals(of: usage)
            if !words.isEmpty {
                return "    '\(usage.words)') _giga_found='\(words.joined(separator: " "))' ;;"
            }
            return CompletionWords.takesFiles(usage)
                ? "    '\(usage.words)') _giga_found='<files>' ;;" : nil
        }.joined(separator: "\n")
    }
}
