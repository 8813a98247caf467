#!/bin/sh
# Installs portclaim into ~/.local/bin, or into $PORTCLAIM_INSTALL_DIR:
#
#     curl -fsSL https://github.com/portclaim/portclaim/releases/latest/download/install.sh | sh
#     … | sh -s -- --version 0.1.0
#
# Nothing changes until a program for this machine is there, has the checksum that the release says,
# and has run once; then one rename puts it in its place. $PORTCLAIM_DOWNLOADS is where releases lie.
set -eu

REPOSITORY=portclaim/portclaim

say() {
  printf 'portclaim: %s\n' "$1" >&2
}

die() {
  say "$1"
  if [ $# -gt 1 ]; then printf '  %s\n' "$2" >&2; fi
  exit 1
}

has() {
  command -v "$1" > /dev/null 2>&1
}

find_os() {
  case $(uname -s) in
    Linux) echo linux ;;
    Darwin) echo darwin ;;
    MINGW* | MSYS* | CYGWIN*) die "Cannot install on Windows" "run it under WSL" ;;
    *) die "Cannot install on $(uname -s): there are programs for Linux and macOS" ;;
  esac
}

find_arch() {
  case $(uname -m) in
    x86_64 | amd64)
      # A shell under Rosetta is told x86_64 on a Mac that is arm64.
      if [ "$(sysctl -n sysctl.proc_translated 2> /dev/null)" = 1 ]; then echo arm64; else echo x64; fi
      ;;
    aarch64 | arm64)
      # A 32-bit system on a 64-bit kernel, as on a Raspberry Pi, can't run 64-bit programs.
      [ "$(getconf LONG_BIT 2> /dev/null || echo 64)" = 64 ] || die "Cannot install on a 32-bit system"
      echo arm64
      ;;
    *) die "Cannot install on $(uname -m): there are programs for x86_64 and arm64" ;;
  esac
}

# A machine may have musl's loader beside glibc: what ldd belongs to decides.
is_musl() {
  if has ldd; then
    case $(ldd --version 2>&1 || true) in
      *musl*) return 0 ;;
      *) return 1 ;;
    esac
  fi
  ls /lib/ld-musl-*.so.1 > /dev/null 2>&1
}

find_target() {
  os=$(find_os)
  arch=$(find_arch)
  if [ "$os" = linux ] && is_musl; then echo "$os-$arch-musl"; else echo "$os-$arch"; fi
}

# Where a release's file lies; none named means the latest.
url_of() {
  base=${PORTCLAIM_DOWNLOADS:-https://github.com/$REPOSITORY/releases}
  if [ -n "$version" ]; then echo "$base/download/v$version/$1"; else echo "$base/latest/download/$1"; fi
}

download() {
  if has curl; then
    # What begins as https must not be led elsewhere.
    case $1 in https:*) only='=https' ;; *) only='=http,https' ;; esac
    curl -fsSL --proto "$only" -o "$2" "$1"
  elif has wget; then
    wget -q -O "$2" "$1"
  else
    die "Cannot download: there is neither curl nor wget"
  fi
}

fetch() {
  download "$(url_of "$1")" "$work/$1" || die "Cannot download $(url_of "$1")" \
    "is there such a version, for $target? nothing was installed"
}

sum_of() {
  if has sha256sum; then
    sha256sum "$1"
  elif has shasum; then
    shasum -a 256 "$1"
  elif has openssl; then
    openssl dgst -sha256 -r "$1"
  else
    die "Cannot verify the download: there is none of sha256sum, shasum and openssl"
  fi | cut -d ' ' -f 1
}

verify() {
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $1\$/\1/p" "$work/SHA256SUMS")
  [ -n "$expected" ] || die "Cannot verify $1: SHA256SUMS doesn't name it" "nothing was installed"
  [ "$(sum_of "$work/$1")" = "$expected" ] ||
    die "Cannot trust $1: its checksum is not the release's" "nothing was installed; try again"
}

# Puts the program next to its place and runs it there: the folder for temporary files may forbid it.
stage() {
  mkdir -p "$folder" 2> /dev/null || die "Cannot create $folder" \
    "name a folder that you may write to: PORTCLAIM_INSTALL_DIR=…"
  folder=$(CDPATH='' cd -- "$folder" && pwd)
  [ ! -d "$folder/portclaim" ] || die "Cannot install $folder/portclaim: it is a directory"
  fresh=$(mktemp "$folder/.portclaim.XXXXXX" 2> /dev/null) || die "Cannot write to $folder" \
    "name a folder that you may write to: PORTCLAIM_INSTALL_DIR=…"
  tar -xzOf "$work/$archive" portclaim > "$fresh" || die "Cannot unpack $archive into $folder"
  chmod 755 "$fresh"
  if installed=$("$fresh" --version 2> "$work/errors"); then return; fi
  sed 's/^/  /' "$work/errors" | head -n 3 >&2
  case $target in
    *-musl) die "Cannot run portclaim here" "on Alpine: apk add libstdc++ libgcc" ;;
    *) die "Cannot run portclaim here: nothing was installed" ;;
  esac
}

put_in_place() {
  program=$folder/portclaim
  if cmp -s "$fresh" "$program" && [ -x "$program" ]; then
    say "$installed is installed already: $program"
    return
  fi
  before=
  if [ -x "$program" ]; then before=$("$program" --version 2> /dev/null || echo "another version"); fi
  mv -f "$fresh" "$program"
  fresh=
  say "installed $installed${before:+ in the place of $before}: $program"
}

explain_path() {
  case ":$PATH:" in
    *":$folder:"*) ;;
    *)
      say "$folder is not on your PATH; put it there with:"
      case ${SHELL:-} in
        */fish) line="fish_add_path '$folder'" ;;
        */zsh) line="echo 'export PATH=\"$folder:\$PATH\"' >> ~/.zshrc" ;;
        *) line="echo 'export PATH=\"$folder:\$PATH\"' >> ~/.bashrc" ;;
      esac
      printf '  %s\n' "$line" >&2
      return
      ;;
  esac
  first=$(command -v portclaim || true)
  if [ -n "$first" ] && [ "$first" != "$folder/portclaim" ]; then
    say "$first comes first on your PATH, not this one"
  fi
}

cleanup() {
  if [ -n "$work" ]; then rm -rf "$work"; fi
  if [ -n "$fresh" ]; then rm -f "$fresh"; fi
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --version)
        [ $# -gt 1 ] || die "Cannot use --version: it needs a value" "type: --version 0.1.0"
        version=${2#v}
        shift
        ;;
      --version=*) version=${1#--version=} version=${version#v} ;;
      --help)
        echo "install.sh [--version X]: installs portclaim into ${folder:-~/.local/bin}"
        exit 0
        ;;
      *) die "Cannot use $1: there is only --version X" ;;
    esac
    shift
  done
  case $version in
    *[!0-9A-Za-z.+-]*) die "Cannot use version \"$version\": it is like 0.1.0" ;;
  esac
}

main() {
  version=
  work=
  fresh=
  folder=${PORTCLAIM_INSTALL_DIR:-${HOME:+$HOME/.local/bin}}
  read_arguments "$@"
  [ -n "$folder" ] || die "Cannot tell where to install: HOME is not set" "set PORTCLAIM_INSTALL_DIR"
  trap cleanup EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  target=$(find_target)
  archive=portclaim-$target.tar.gz
  work=$(mktemp -d)
  fetch SHA256SUMS
  fetch "$archive"
  verify "$archive"
  stage
  put_in_place
  explain_path
}

# Last, and in one line: of a script that was cut off on its way nothing runs.
main "$@"
