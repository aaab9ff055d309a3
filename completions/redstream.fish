function __redstream_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __redstream_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __redstream_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __redstream_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __redstream_parse_tokens -S
    set -l unparsed_tokens (__redstream_tokens -pc)
    switch $unparsed_tokens[1]
    case 'redstream'
        __redstream_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'produce'
            __redstream_parse_subcommand -r 1 'stream=' 'file=' 'ids' 'ids-as=' 'records' 'keep-ids' 'delayed' 'shards=' 'shard-key=' 'around=' 'invalid=' 'wait-replicas=' 'wait-timeout=' 'print-ids' 'o/output=' 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'retry-for=' 'color=' 'version' 'h/help'
        case 'consume'
            __redstream_parse_subcommand 0 'stream=' 'name=' 'from=' 'since=' 'until=' 'shards=' 'max-active=' 'count=' 'exit-at-end' 'batch-size=' 'exec=' 'max-attempts=' 'on-failure=' 'timeout=' 'no-wait' 'o/output=' 'payload-as-string' 'grace=' 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'retry-for=' 'color=' 'version' 'h/help'
        case 'delay'
            __redstream_parse_subcommand 0 'stream=+' 'delay=' 'shards=' 'max-active=' 'once' 'wait' 'o/output=' 'scan-interval=' 'grace=' 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'retry-for=' 'color=' 'version' 'h/help'
        case 'trim'
            __redstream_parse_subcommand 0 'stream=+' 'shards=' 'expiry=' 'consumers=' 'committed' 'dry-run' 'once' 'wait' 'yes' 'interval=' 'o/output=' 'scan-interval=' 'grace=' 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'retry-for=' 'color=' 'version' 'h/help'
        case 'inspect-offsets'
            __redstream_parse_subcommand 0 'stream=' 'shards=' 'consumer=' 'o/output=' 'watch=' 'stalled-after=' 'delay=' 'max-lag=' 'max-behind=' 'max-dead=' 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'retry-for=' 'color=' 'version' 'h/help'
        case 'seek'
            __redstream_parse_subcommand 0 'stream=' 'name=' 'shards=' 'to=' 'shift-by=' 'dry-run' 'o/output=' 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'retry-for=' 'color=' 'version' 'h/help'
        case 'forget'
            __redstream_parse_subcommand 0 'stream=' 'name=' 'shards=' 'dry-run' 'o/output=' 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'retry-for=' 'color=' 'version' 'h/help'
        case 'dead-letters'
            __redstream_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __redstream_parse_subcommand 0 'stream=' 'consumer=' 'id=+' 'count=' 'o/output=' 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'retry-for=' 'color=' 'version' 'h/help'
            case 'show'
                __redstream_parse_subcommand 0 'stream=' 'consumer=' 'id=+' 'count=' 'o/output=' 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'retry-for=' 'color=' 'version' 'h/help'
            case 'replay'
                __redstream_parse_subcommand 0 'stream=' 'consumer=' 'id=+' 'count=' 'max-replays=' 'dry-run' 'yes' 'o/output=' 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'retry-for=' 'color=' 'version' 'h/help'
            case 'purge'
                __redstream_parse_subcommand 0 'stream=' 'consumer=' 'id=+' 'count=' 'dry-run' 'yes' 'o/output=' 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'retry-for=' 'color=' 'version' 'h/help'
            end
        case 'shard-of'
            __redstream_parse_subcommand -r 1 'shards=' 'stream=' 'o/output=' 'color=' 'version' 'h/help'
        case 'sandbox'
            __redstream_parse_subcommand -r 1 'server=' 'version' 'h/help'
        case 'shell'
            __redstream_parse_subcommand 0 'url=' 'namespace=' 'password-file=' 'cacert=' 'cert=' 'key=' 'connect-timeout=' 'c/command=+' 'file=' 'stream=' 'keep-going' 'yes' 'version' 'h/help'
        case 'help'
            __redstream_parse_subcommand -r 1 'version'
        end
    end
end

function __redstream_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __redstream_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __redstream_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __redstream_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__redstream_tokens -p)
    if test -z "$(__redstream_tokens -t)"
        set -l index (count (__redstream_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'redstream' -f
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'produce' -d 'Write messages to a stream, or to its delay stream.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'consume' -d 'Follow a stream, or consume it under a name.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'delay' -d 'Run the delayer: move delay messages to their streams when due.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'trim' -d 'Delete entries by age, or once consumers have committed them.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'inspect-offsets' -d 'Show streams, consumers, their lag, and who holds which lock.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'seek' -d 'Move a stopped consumer\'s offset.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'forget' -d 'Delete a retired consumer\'s offset.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'dead-letters' -d 'List, show, replay or purge dead letters (messages a consumer gave up on).'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'shard-of' -d 'Print which shard a record id belongs to.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'sandbox' -d 'Run a command with a private, temporary redis-server.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'shell' -d 'Open an interactive shell for redstream and Redis commands.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" stream' -l 'stream' -d 'Stream to write to.' -rfka '(__redstream_custom_completion ---completion produce -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" file' -l 'file' -d 'Read lines from this file; - means standard input.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" ids' -l 'ids' -d 'Each line is the id of a record; write {"id": …}.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" ids-as' -l 'ids-as' -d 'With --ids, require ids of this kind.' -rfka 'string number'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" records' -l 'records' -d 'Each line is a record as consume -o json prints it; restore every field.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" keep-ids' -l 'keep-ids' -d 'With --records, keep the entry ids too.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" delayed' -l 'delayed' -d 'Write to the delay stream.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" shards' -l 'shards' -d 'Spread messages over this many shards: <stream>-0, <stream>-1 and so on.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" shard-key' -l 'shard-key' -d 'Key of the payload whose text chooses the shard (default: id).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" around' -l 'around' -d 'Write delay messages for all input, run this command with /bin/sh, and if it succeeds, write the messages to the stream.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" invalid' -l 'invalid' -d 'What to do with an invalid message.' -rfka 'fail skip'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" wait-replicas' -l 'wait-replicas' -d 'Wait until this many replicas have each batch.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" wait-timeout' -l 'wait-timeout' -d 'How long to wait for replicas (default: 1s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" print-ids' -l 'print-ids' -d 'Print the id of each new entry.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" o output' -l 'output' -s 'o' -d 'Output format.' -rfka 'text json'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" retry-for' -l 'retry-for' -d 'How long one-shot commands keep trying to connect; 0s tries once (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream produce" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" stream' -l 'stream' -d 'Stream to read.' -rfka '(__redstream_custom_completion ---completion consume -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" name' -l 'name' -d 'Consume under this name, with its lock and its offset.' -rfka '(__redstream_custom_completion ---completion consume -- --name (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" from' -l 'from' -d 'Where to start: earliest (default), latest, an entry id, a time, a duration ago, or committed:NAME.' -rfka '(__redstream_custom_completion ---completion consume -- --from (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" since' -l 'since' -d 'Start at this time, or this long ago.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" until' -l 'until' -d 'Stop at this time, entry id, or this long ago.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" shards' -l 'shards' -d 'Read this many shards side by side: <stream>-0, <stream>-1 and so on.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" max-active' -l 'max-active' -d 'With --shards, hold at most this many, and leave the rest to other processes.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" count' -l 'count' -d 'Stop after this many entries.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" exit-at-end' -l 'exit-at-end' -d 'Stop at the entry that was last when the command started.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" batch-size' -l 'batch-size' -d 'Most entries in a batch.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" exec' -l 'exec' -d 'Run this command with /bin/sh for each batch; exit 0 commits.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" max-attempts' -l 'max-attempts' -d 'Split a batch that failed this often, down to the messages that fail; without it, the batch is retried forever.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" on-failure' -l 'on-failure' -d 'What to do with a message that fails on its own (default: stop).' -rfka 'stop skip dead-letter'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" timeout' -l 'timeout' -d 'Kill an attempt that takes longer, and count it as failed.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" no-wait' -l 'no-wait' -d 'Exit with 75 if another process holds the lock, instead of standing by.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" o output' -l 'output' -s 'o' -d 'Output format (default: text on a terminal, else json).' -rfka 'text json payload'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" payload-as-string' -l 'payload-as-string' -d 'Write payloads as JSON strings, for tools that round large numbers.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" grace' -l 'grace' -d 'How long the current batch or pass may take to finish after a signal (default: 10s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" retry-for' -l 'retry-for' -d 'How long one-shot commands keep trying to connect; 0s tries once (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream consume" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay"' -l 'stream' -d 'Stream whose delay stream to serve; may be repeated.' -rfka '(__redstream_custom_completion ---completion delay -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" delay' -l 'delay' -d 'How old an entry must be, such as 5m.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" shards' -l 'shards' -d 'Serve this many shards of each stream: <stream>-0, <stream>-1 and so on.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" max-active' -l 'max-active' -d 'With --shards, hold at most this many, and leave the rest to other processes.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" once' -l 'once' -d 'Move what is due now, and end; exit with 75 if the lock is held.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" wait' -l 'wait' -d 'With --once, stand by for a lock that is held.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" o output' -l 'output' -s 'o' -d 'Output format.' -rfka 'text json'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" scan-interval' -l 'scan-interval' -d 'Time between scans for unknown names (default: 100 times what the last scan took, 1h at most).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" grace' -l 'grace' -d 'How long the current batch or pass may take to finish after a signal (default: 10s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" retry-for' -l 'retry-for' -d 'How long one-shot commands keep trying to connect; 0s tries once (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream delay" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim"' -l 'stream' -d 'Stream to trim; may be repeated.' -rfka '(__redstream_custom_completion ---completion trim -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" shards' -l 'shards' -d 'Trim this many shards of each stream: <stream>-0, <stream>-1 and so on.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" expiry' -l 'expiry' -d 'Remove entries older than this, such as 1d.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" consumers' -l 'consumers' -d 'Remove only what all of these consumers have committed, separated by commas.' -rfka '(__redstream_custom_completion ---completion trim -- --consumers (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" committed' -l 'committed' -d 'Remove only what all consumers have committed that have an offset or hold a lock.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" dry-run' -l 'dry-run' -d 'Show what would be removed, and remove nothing.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" once' -l 'once' -d 'Make one pass, and end; exit with 75 if a lock is held.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" wait' -l 'wait' -d 'With --once, stand by for a lock that is held.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" yes' -l 'yes' -d 'Do not ask before unread entries are removed.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" interval' -l 'interval' -d 'Time between passes (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" o output' -l 'output' -s 'o' -d 'Output format.' -rfka 'text json'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" scan-interval' -l 'scan-interval' -d 'Time between scans for unknown names (default: 100 times what the last scan took, 1h at most).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" grace' -l 'grace' -d 'How long the current batch or pass may take to finish after a signal (default: 10s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" retry-for' -l 'retry-for' -d 'How long one-shot commands keep trying to connect; 0s tries once (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream trim" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" stream' -l 'stream' -d 'Only this stream.' -rfka '(__redstream_custom_completion ---completion inspect-offsets -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" shards' -l 'shards' -d 'Only this many shards of the stream, <stream>-0, <stream>-1 and so on, and their totals.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" consumer' -l 'consumer' -d 'Only consumers of this name.' -rfka '(__redstream_custom_completion ---completion inspect-offsets -- --consumer (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" o output' -l 'output' -s 'o' -d 'Output format.' -rfka 'table json prometheus'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" watch' -l 'watch' -d 'Refresh every 2s, or every <interval>, such as --watch=500ms.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" stalled-after' -l 'stalled-after' -d 'How long entries may wait before a consumer that does not advance is called stalled (default: 60s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" delay' -l 'delay' -d 'Delay to assume if no delayer has recorded one.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" max-lag' -l 'max-lag' -d 'Exit with 2 if a consumer has more unread entries.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" max-behind' -l 'max-behind' -d 'Exit with 2 if a consumer\'s oldest unread entry is older.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" max-dead' -l 'max-dead' -d 'Exit with 2 if a consumer has more dead letters.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" retry-for' -l 'retry-for' -d 'How long one-shot commands keep trying to connect; 0s tries once (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream inspect-offsets" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" stream' -l 'stream' -d 'Stream.' -rfka '(__redstream_custom_completion ---completion seek -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" name' -l 'name' -d 'Consumer.' -rfka '(__redstream_custom_completion ---completion seek -- --name (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" shards' -l 'shards' -d 'Consumer of this many shards, <stream>-0, <stream>-1 and so on; all are moved, or none.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" to' -l 'to' -d 'earliest, latest, an entry id, a time, a duration ago, or committed:OTHER.' -rfka '(__redstream_custom_completion ---completion seek -- --to (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" shift-by' -l 'shift-by' -d 'Move by this many entries; a negative number moves back.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" dry-run' -l 'dry-run' -d 'Show how many entries would be delivered again or skipped; change nothing.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" o output' -l 'output' -s 'o' -d 'Output format.' -rfka 'text json'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" retry-for' -l 'retry-for' -d 'How long one-shot commands keep trying to connect; 0s tries once (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream seek" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" stream' -l 'stream' -d 'Stream.' -rfka '(__redstream_custom_completion ---completion forget -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" name' -l 'name' -d 'Consumer.' -rfka '(__redstream_custom_completion ---completion forget -- --name (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" shards' -l 'shards' -d 'Consumer of this many shards, <stream>-0, <stream>-1 and so on; none is deleted while one is held.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" dry-run' -l 'dry-run' -d 'Show what would be removed, and remove nothing.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" o output' -l 'output' -s 'o' -d 'Output format.' -rfka 'text json'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" retry-for' -l 'retry-for' -d 'How long one-shot commands keep trying to connect; 0s tries once (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream forget" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream dead-letters" -eq 1' -fa 'list' -d 'List dead letters, oldest first, without their contents.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream dead-letters" -eq 1' -fa 'show' -d 'Show dead letters with their contents, oldest first.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream dead-letters" -eq 1' -fa 'replay' -d 'Write dead letters back to their stream.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_positional "redstream dead-letters" -eq 1' -fa 'purge' -d 'Remove dead letters for good.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" stream' -l 'stream' -d 'Stream.' -rfka '(__redstream_custom_completion ---completion dead-letters list -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" consumer' -l 'consumer' -d 'Consumer that gave up.' -rfka '(__redstream_custom_completion ---completion dead-letters list -- --consumer (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list"' -l 'id' -d 'Only the letter with this id; may be repeated.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" count' -l 'count' -d 'Only this many, oldest first.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" o output' -l 'output' -s 'o' -d 'Output format.' -rfka 'text json'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" retry-for' -l 'retry-for' -d 'How long one-shot commands keep trying to connect; 0s tries once (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" stream' -l 'stream' -d 'Stream.' -rfka '(__redstream_custom_completion ---completion dead-letters show -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" consumer' -l 'consumer' -d 'Consumer that gave up.' -rfka '(__redstream_custom_completion ---completion dead-letters show -- --consumer (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show"' -l 'id' -d 'Only the letter with this id; may be repeated.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" count' -l 'count' -d 'Only this many, oldest first.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" o output' -l 'output' -s 'o' -d 'Output format (default: text on a terminal, else json).' -rfka 'text json'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" retry-for' -l 'retry-for' -d 'How long one-shot commands keep trying to connect; 0s tries once (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" stream' -l 'stream' -d 'Stream.' -rfka '(__redstream_custom_completion ---completion dead-letters replay -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" consumer' -l 'consumer' -d 'Consumer that gave up.' -rfka '(__redstream_custom_completion ---completion dead-letters replay -- --consumer (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay"' -l 'id' -d 'Only the letter with this id; may be repeated.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" count' -l 'count' -d 'Only this many, oldest first.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" max-replays' -l 'max-replays' -d 'Skip letters already replayed this often.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" dry-run' -l 'dry-run' -d 'Show how many would be replayed; change nothing.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" yes' -l 'yes' -d 'Do not ask.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" o output' -l 'output' -s 'o' -d 'Output format.' -rfka 'text json'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" retry-for' -l 'retry-for' -d 'How long one-shot commands keep trying to connect; 0s tries once (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters replay" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" stream' -l 'stream' -d 'Stream.' -rfka '(__redstream_custom_completion ---completion dead-letters purge -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" consumer' -l 'consumer' -d 'Consumer that gave up.' -rfka '(__redstream_custom_completion ---completion dead-letters purge -- --consumer (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge"' -l 'id' -d 'Only the letter with this id; may be repeated.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" count' -l 'count' -d 'Only this many, oldest first.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" dry-run' -l 'dry-run' -d 'Show how many would be removed; remove nothing.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" yes' -l 'yes' -d 'Do not ask.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" o output' -l 'output' -s 'o' -d 'Output format.' -rfka 'text json'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" retry-for' -l 'retry-for' -d 'How long one-shot commands keep trying to connect; 0s tries once (default: 30s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream dead-letters purge" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shard-of" shards' -l 'shards' -d 'Number of shards.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shard-of" stream' -l 'stream' -d 'Print the names of this stream\'s shards.' -rfka '(__redstream_custom_completion ---completion shard-of -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shard-of" o output' -l 'output' -s 'o' -d 'Output format.' -rfka 'text json'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shard-of" color' -l 'color' -d 'When to colour.' -rfka 'auto always never'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shard-of" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shard-of" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream sandbox" server' -l 'server' -d 'The redis-server or valkey-server to run.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream sandbox" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream sandbox" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" url' -l 'url' -d 'Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" namespace' -l 'namespace' -d 'Prefix of all keys. Without it REDSTREAM_NAMESPACE.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" password-file' -l 'password-file' -d 'File whose first line is the password.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" cacert' -l 'cacert' -d 'CA certificates to trust, PEM (default: those of the system).' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" cert' -l 'cert' -d 'Client certificate, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" key' -l 'key' -d 'Key of --cert, PEM.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" connect-timeout' -l 'connect-timeout' -d 'How long opening a connection may take (default: 5s).' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell"' -s 'c' -l 'command' -d 'Run this command, and end; may be repeated.' -rfka ''
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" file' -l 'file' -d 'Run the commands of this file, and end; - means standard input.' -rF
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" stream' -l 'stream' -d 'Default stream of commands, as `use` sets it.' -rfka '(__redstream_custom_completion ---completion shell -- --stream (count (__redstream_tokens -pc)) (__redstream_tokens -tC))'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" keep-going' -l 'keep-going' -d 'Continue after a command that failed.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" yes' -l 'yes' -d 'Do not ask before destructive commands.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" version' -l 'version' -d 'Show the version.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream shell" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'redstream' -n '__redstream_should_offer_completions_for_flags_or_options "redstream help" version' -l 'version' -d 'Show the version.'
complete -c redstream -n '__fish_seen_subcommand_from help' -fa 'produce consume delay trim inspect-offsets seek forget dead-letters shard-of sandbox shell'
