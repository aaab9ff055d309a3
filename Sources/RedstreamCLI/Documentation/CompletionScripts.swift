import ArgumentParser

/// The completions of a shell, from the grammar.
enum CompletionScripts {
    // The parser's scripts offer nothing behind `help`.
    static func zsh(_ root: CommandGrammar) -> String {
        let script = RedstreamCommand.completionScript(for: .zsh) + "\n"
        return script.replacing("'*:subcommands:'", with: "'*:subcommands:(\(names(root)))'")
    }

    static func fish(_ root: CommandGrammar) -> String {
        RedstreamCommand.completionScript(for: .fish)
            + "\ncomplete -c redstream -n '__fish_seen_subcommand_from help' -fa '\(names(root))'\n"
    }

    /// The names of the commands that help is for.
    private static func names(_ command: CommandGrammar) -> String {
        command.shownMembers.map(\.name).joined(separator: " ")
    }

    /// The script for bash, with words put together again that bash takes apart at colons and equals signs.
    static func bash(_ root: CommandGrammar) -> String {
        let script = RedstreamCommand.completionScript(for: .bash)
        let registration = "complete -o filenames -F _redstream redstream"
        return script.replacing(registration, with: rejoining(liveOptions(of: root), names: names(root)) + "\n")
    }

    /// The options whose values are names from the server, not files.
    private static func liveOptions(of root: CommandGrammar) -> [String] {
        let names = root.allArguments.filter(\.isCompletedLive).flatMap { $0.names ?? [] }
        return Set(names.map(\.text)).sorted()
    }

    private static func rejoining(_ options: [String], names: String) -> String {
        #"""
        # Bash takes words apart at colons and equals signs: names that hold colons, and --option=value.
        _redstream_rejoined() {
            local -a words=()
            local rest="${COMP_LINE:0:COMP_POINT}" word separator cur
            local -i i
            for ((i = 0; i < COMP_CWORD; i++)); do
                word="${COMP_WORDS[i]}"
                separator="${rest%%[![:space:]]*}"
                if [[ -z "${separator}" && ${#words[@]} -gt 0 ]]; then
                    words[${#words[@]} - 1]+="${word}"
                else
                    words+=("${word}")
                fi
                rest="${rest#"${separator}${word}"}"
            done
            separator="${rest%%[![:space:]]*}"
            if [[ -z "${separator}" && ${#words[@]} -gt 1 ]]; then
                words[${#words[@]} - 1]+="${rest}"
            else
                words+=("${rest#"${separator}"}")
            fi
            cur="${words[${#words[@]} - 1]}"
            if [[ "${cur}" == --*=* ]]; then
                words[${#words[@]} - 1]="${cur%%=*}"
                cur="${cur#*=}"
                words+=("${cur}")
            fi
            local -a COMP_WORDS=("${words[@]}")
            local -i COMP_CWORD=$((${#words[@]} - 1))
            local -r option="${COMP_WORDS[COMP_CWORD - 1]}"
            if [[ ${COMP_CWORD} -eq 2 && "${option}" == help ]]; then
                compopt +o filenames 2>/dev/null
                COMPREPLY=($(compgen -W '\#(names)' -- "${cur}"))
                return
            fi
            _redstream "${1}" "${cur//\\/}" "${option}"
            # Of what was typed, bash replaces only what follows the last place where it took words apart.
            COMPREPLY=("${COMPREPLY[@]#"${cur%"${2}"}"}")
            case "${option}" in
            \#(options.joined(separator: "|")))
                # Names from the server, not files: no slash behind what happens to be a folder too.
                compopt +o filenames 2>/dev/null
                for i in "${!COMPREPLY[@]}"; do
                    printf -v word %q "${COMPREPLY[i]}"
                    COMPREPLY[i]="${word//\\,/,}"
                done
                ;;
            esac
        }

        complete -o filenames -F _redstream_rejoined redstream
        """#
    }
}
