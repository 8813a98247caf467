#compdef portclaim
# portclaim's completions for zsh. In ~/.zshrc: eval "$(portclaim completions zsh)"

_portclaim() {
  local -a before values shown
  local line tab=$'\t'
  local -i end=${words[(i)--]}

  # What follows "--" is another command's.
  if (( end < CURRENT )); then
    words=("${(@)words[end+1,-1]}")
    (( CURRENT -= end ))
    _normal
    return
  fi

  before=("${(@Q)words[2,CURRENT-1]}")
  for line in "${(@f)$(command portclaim completions -- "${before[@]}" "${(Q)PREFIX}" 2> /dev/null)}"; do
    [[ -n $line ]] || continue
    values+=("${line%%$tab*}")
    shown+=("${line/$tab/  }")
  done
  compadd -l -d shown -a -- values
}

if [[ $funcstack[1] = _portclaim ]]; then
  _portclaim "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _portclaim portclaim
fi
