# portclaim's completions for bash 3.2 and later. In ~/.bashrc: eval "$(portclaim completions bash)"

_portclaim() {
  local raw='' current='' prefix='' word candidate tab=$'\t'
  local glued=0 after=-1 i
  local -a words=()

  # readline splits words at "=" and ":" too: they are put together again.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    raw=${COMP_WORDS[i]}
    word=${raw//[\'\"\\]/}
    if ((i > 1)) && [[ $glued = 1 || $word = [=:] ]]; then
      words[${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    if [[ $word = [=:] ]]; then glued=1; else glued=0; fi
    if ((after < 0 && i < COMP_CWORD)) && [[ $word = -- ]]; then after=$i; fi
  done
  current=${words[${#words[@]} - 1]}

  # What follows "--" is another command's.
  if ((after >= 0)); then
    compopt -o filenames 2> /dev/null
    local kind=-f
    if ((COMP_CWORD == after + 1)); then kind=-c; fi
    while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen $kind -- "$raw")
    return
  fi

  # readline replaces only what follows the last "=" or ":".
  case $COMP_WORDBREAKS$current in
    *[=:]*[=:]*) prefix=${current%"${current##*[=:]}"} ;;
  esac
  while IFS= read -r candidate; do
    candidate=${candidate%%"$tab"*}
    candidate=${candidate#"$prefix"}
    case $raw in
      # Inside quotes, only names that need no quoting: the shell would run the others.
      [\'\"]*) [[ $candidate = *[\'\"\\\`\$!]* ]] || COMPREPLY+=("$candidate") ;;
      *) printf -v candidate %q "$candidate" && COMPREPLY+=("$candidate") ;;
    esac
  done < <(command portclaim completions -- "${words[@]}" 2> /dev/null)
}

complete -F _portclaim portclaim
