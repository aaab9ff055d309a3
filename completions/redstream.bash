#!/bin/bash

__redstream_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__redstream_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__redstream_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__redstream_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_redstream() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __redstream_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    produce|consume|delay|trim|inspect-offsets|seek|forget|dead-letters|shard-of|sandbox|shell|help)
        # Offer subcommand argument completions
        "_redstream_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'produce consume delay trim inspect-offsets seek forget dead-letters shard-of sandbox shell help' -- "${cur}"))
        ;;
    esac
}

_redstream_produce() {
    repeating_flags=()
    non_repeating_flags=(--ids --records --keep-ids --delayed --print-ids --version -h --help)
    repeating_options=()
    non_repeating_options=(--stream --file --ids-as --shards --shard-key --around --invalid --wait-replicas --wait-timeout --output -o --url --namespace --password-file --cacert --cert --key --connect-timeout --retry-for --color)
    __redstream_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion produce -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--file')
        __redstream_add_completions -f
        return
        ;;
    '--ids-as')
        __redstream_add_completions -W 'string'$'\n''number'
        return
        ;;
    '--shards')
        return
        ;;
    '--shard-key')
        return
        ;;
    '--around')
        return
        ;;
    '--invalid')
        __redstream_add_completions -W 'fail'$'\n''skip'
        return
        ;;
    '--wait-replicas')
        return
        ;;
    '--wait-timeout')
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '--retry-for')
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_consume() {
    repeating_flags=()
    non_repeating_flags=(--exit-at-end --no-wait --payload-as-string --version -h --help)
    repeating_options=()
    non_repeating_options=(--stream --name --from --since --until --shards --max-active --count --batch-size --exec --max-attempts --on-failure --timeout --output -o --grace --url --namespace --password-file --cacert --cert --key --connect-timeout --retry-for --color)
    __redstream_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion consume -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--name')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion consume -- --name "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--from')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion consume -- --from "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--since')
        return
        ;;
    '--until')
        return
        ;;
    '--shards')
        return
        ;;
    '--max-active')
        return
        ;;
    '--count')
        return
        ;;
    '--batch-size')
        return
        ;;
    '--exec')
        return
        ;;
    '--max-attempts')
        return
        ;;
    '--on-failure')
        __redstream_add_completions -W 'stop'$'\n''skip'$'\n''dead-letter'
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'text'$'\n''json'$'\n''payload'
        return
        ;;
    '--grace')
        return
        ;;
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '--retry-for')
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_delay() {
    repeating_flags=()
    non_repeating_flags=(--once --wait --version -h --help)
    repeating_options=(--stream)
    non_repeating_options=(--delay --shards --max-active --output -o --scan-interval --grace --url --namespace --password-file --cacert --cert --key --connect-timeout --retry-for --color)
    __redstream_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion delay -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--delay')
        return
        ;;
    '--shards')
        return
        ;;
    '--max-active')
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--scan-interval')
        return
        ;;
    '--grace')
        return
        ;;
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '--retry-for')
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_trim() {
    repeating_flags=()
    non_repeating_flags=(--committed --dry-run --once --wait --yes --version -h --help)
    repeating_options=(--stream)
    non_repeating_options=(--shards --expiry --consumers --interval --output -o --scan-interval --grace --url --namespace --password-file --cacert --cert --key --connect-timeout --retry-for --color)
    __redstream_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion trim -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--shards')
        return
        ;;
    '--expiry')
        return
        ;;
    '--consumers')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion trim -- --consumers "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--interval')
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--scan-interval')
        return
        ;;
    '--grace')
        return
        ;;
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '--retry-for')
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_inspect-offsets() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--stream --shards --consumer --output -o --watch --stalled-after --delay --max-lag --max-behind --max-dead --url --namespace --password-file --cacert --cert --key --connect-timeout --retry-for --color)
    __redstream_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion inspect-offsets -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--shards')
        return
        ;;
    '--consumer')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion inspect-offsets -- --consumer "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'table'$'\n''json'$'\n''prometheus'
        return
        ;;
    '--watch')
        return
        ;;
    '--stalled-after')
        return
        ;;
    '--delay')
        return
        ;;
    '--max-lag')
        return
        ;;
    '--max-behind')
        return
        ;;
    '--max-dead')
        return
        ;;
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '--retry-for')
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_seek() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --version -h --help)
    repeating_options=()
    non_repeating_options=(--stream --name --shards --to --shift-by --output -o --url --namespace --password-file --cacert --cert --key --connect-timeout --retry-for --color)
    __redstream_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion seek -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--name')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion seek -- --name "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--shards')
        return
        ;;
    '--to')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion seek -- --to "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--shift-by')
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '--retry-for')
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_forget() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --version -h --help)
    repeating_options=()
    non_repeating_options=(--stream --name --shards --output -o --url --namespace --password-file --cacert --cert --key --connect-timeout --retry-for --color)
    __redstream_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion forget -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--name')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion forget -- --name "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--shards')
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '--retry-for')
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_dead-letters() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __redstream_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|show|replay|purge)
        # Offer subcommand argument completions
        "_redstream_dead-letters_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list show replay purge' -- "${cur}"))
        ;;
    esac
}

_redstream_dead-letters_list() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--id)
    non_repeating_options=(--stream --consumer --count --output -o --url --namespace --password-file --cacert --cert --key --connect-timeout --retry-for --color)
    __redstream_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion dead-letters list -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--consumer')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion dead-letters list -- --consumer "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--id')
        return
        ;;
    '--count')
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '--retry-for')
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_dead-letters_show() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--id)
    non_repeating_options=(--stream --consumer --count --output -o --url --namespace --password-file --cacert --cert --key --connect-timeout --retry-for --color)
    __redstream_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion dead-letters show -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--consumer')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion dead-letters show -- --consumer "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--id')
        return
        ;;
    '--count')
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '--retry-for')
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_dead-letters_replay() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --yes --version -h --help)
    repeating_options=(--id)
    non_repeating_options=(--stream --consumer --count --max-replays --output -o --url --namespace --password-file --cacert --cert --key --connect-timeout --retry-for --color)
    __redstream_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion dead-letters replay -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--consumer')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion dead-letters replay -- --consumer "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--id')
        return
        ;;
    '--count')
        return
        ;;
    '--max-replays')
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '--retry-for')
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_dead-letters_purge() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --yes --version -h --help)
    repeating_options=(--id)
    non_repeating_options=(--stream --consumer --count --output -o --url --namespace --password-file --cacert --cert --key --connect-timeout --retry-for --color)
    __redstream_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion dead-letters purge -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--consumer')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion dead-letters purge -- --consumer "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--id')
        return
        ;;
    '--count')
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '--retry-for')
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_shard-of() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--shards --stream --output -o --color)
    __redstream_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--shards')
        return
        ;;
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion shard-of -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    '--output'|'-o')
        __redstream_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--color')
        __redstream_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_redstream_sandbox() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--server)
    __redstream_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--server')
        __redstream_add_completions -f
        return
        ;;
    esac
}

_redstream_shell() {
    repeating_flags=()
    non_repeating_flags=(--keep-going --yes --version -h --help)
    repeating_options=(-c --command)
    non_repeating_options=(--url --namespace --password-file --cacert --cert --key --connect-timeout --file --stream)
    __redstream_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--url')
        return
        ;;
    '--namespace')
        return
        ;;
    '--password-file')
        __redstream_add_completions -f
        return
        ;;
    '--cacert')
        __redstream_add_completions -f
        return
        ;;
    '--cert')
        __redstream_add_completions -f
        return
        ;;
    '--key')
        __redstream_add_completions -f
        return
        ;;
    '--connect-timeout')
        return
        ;;
    '-c'|'--command')
        return
        ;;
    '--file')
        __redstream_add_completions -f
        return
        ;;
    '--stream')
        __redstream_add_completions -W "$(__redstream_custom_complete ---completion shell -- --stream "${COMP_CWORD}" "$(__redstream_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_redstream_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __redstream_offer_flags_options -1
}

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
        COMPREPLY=($(compgen -W 'produce consume delay trim inspect-offsets seek forget dead-letters shard-of sandbox shell' -- "${cur}"))
        return
    fi
    _redstream "${1}" "${cur//\\/}" "${option}"
    # Of what was typed, bash replaces only what follows the last place where it took words apart.
    COMPREPLY=("${COMPREPLY[@]#"${cur%"${2}"}"}")
    case "${option}" in
    --consumer|--consumers|--from|--name|--stream|--to)
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
