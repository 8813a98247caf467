# portclaim's completions for fish: portclaim completions fish > ~/.config/fish/completions/portclaim.fish

function __portclaim_words
    set -l before (commandline -opc)
    # The word as typed, without its quotes, the last of which may still be open.
    set -l current (commandline -ct | string replace -ra '[\'"\\\\]' '')
    set -e before[1]
    command portclaim completions -- $before "$current" 2>/dev/null
end

# What follows "--" is another command's.
function __portclaim_command
    set -l rest (commandline -opc)
    set -l current (commandline -ct)
    set -e rest[1..(contains -i -- -- $rest)]
    complete -C (string join ' ' -- (string escape -- $rest) "$current")
end

complete -c portclaim -f
complete -c portclaim -n 'not contains -- -- (commandline -opc)' -a '(__portclaim_words)'
complete -c portclaim -n 'contains -- -- (commandline -opc)' -a '(__portclaim_command)'
