#!/bin/sh
# Installs portclaim into ~/.local/bin, or into $PORTCLAIM_INSTALL_DIR:
#
#     curl -fsSL https://github.com/portclaim/portclaim/releases/latest/download/install.sh | sh
#     … | sh -s -- --version 0.2.0
#
# Downloads the binary for this machine, compares its checksum with the release's and runs it once. Only
# then does one rename put it in place. $PORTCLAIM_DOWNLOADS is the URL of the releases.
set -eu

REPOSITORY=portclaim/portclaim

say() {
  printf 'portclaim: %s\n' "$1" >&2
}

hint() {
  printf 'hint: %s\n' "$1" >&2
}

die() {
  say "$1"
  if [ $# -gt 1 ]; then hint "$2"; fi
  exit 1
}

has() {
  command -v "$1" > /dev/null 2>&1
}

find_os() {
  case $(uname -s) in
    Linux) echo linux ;;
    Darwin) echo darwin ;;
    MINGW* | MSYS* | CYGWIN*) die "Windows is not supported" "install portclaim under WSL" ;;
    *) die "unsupported system $(uname -s); expected Linux or macOS" ;;
  esac
}

find_arch() {
  case $(uname -m) in
    x86_64 | amd64)
      # Under Rosetta, uname prints x86_64 on an arm64 Mac.
      if [ "$(sysctl -n sysctl.proc_translated 2> /dev/null)" = 1 ]; then echo arm64; else echo x64; fi
      ;;
    aarch64 | arm64)
      # A 32-bit system may have a 64-bit kernel, as on a Raspberry Pi.
      [ "$(getconf LONG_BIT 2> /dev/null || echo 64)" = 64 ] || die "32-bit systems are not supported"
      echo arm64
      ;;
    *) die "unsupported architecture $(uname -m); expected x86_64 or arm64" ;;
  esac
}

# A machine with glibc may have musl's loader too: ldd tells which is the system's.
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

# The URL of a file of the release: of $version, or else of the latest.
url_of() {
  base=${PORTCLAIM_DOWNLOADS:-https://github.com/$REPOSITORY/releases}
  if [ -n "$version" ]; then echo "$base/download/v$version/$1"; else echo "$base/latest/download/$1"; fi
}

download() {
  if has curl; then
    # An https URL must not be redirected to http.
    case $1 in https:*) only='=https' ;; *) only='=http,https' ;; esac
    curl -fsSL --proto "$only" -o "$2" "$1"
  elif has wget; then
    wget -q -O "$2" "$1"
  else
    die "cannot download: neither curl nor wget is installed"
  fi
}

fetch() {
  download "$(url_of "$1")" "$work/$1" || die "cannot download $(url_of "$1")" \
    "check the connection, and that this version exists for $target; nothing was installed"
}

sum_of() {
  if has sha256sum; then
    sha256sum "$1"
  elif has shasum; then
    shasum -a 256 "$1"
  elif has openssl; then
    openssl dgst -sha256 -r "$1"
  else
    die "cannot verify the download: sha256sum, shasum or openssl is required"
  fi | cut -d ' ' -f 1
}

verify() {
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $1\$/\1/p" "$work/SHA256SUMS")
  [ -n "$expected" ] || die "cannot verify $1: it is not in SHA256SUMS; nothing was installed"
  [ "$(sum_of "$work/$1")" = "$expected" ] ||
    die "wrong checksum of $1; nothing was installed" "try again"
}

# Unpacks the program into its directory and runs it there: /tmp may be mounted noexec.
stage() {
  mkdir -p "$directory" 2> /dev/null || die "cannot create $directory" \
    "set PORTCLAIM_INSTALL_DIR to a directory that you may write to"
  directory=$(CDPATH='' cd -- "$directory" && pwd)
  [ ! -d "$directory/portclaim" ] || die "$directory/portclaim is a directory"
  fresh=$(mktemp "$directory/.portclaim.XXXXXX" 2> /dev/null) || die "cannot write to $directory" \
    "set PORTCLAIM_INSTALL_DIR to a directory that you may write to"
  tar -xzOf "$work/$archive" portclaim > "$fresh" || die "cannot unpack $archive into $directory"
  chmod 755 "$fresh"
  if installed=$("$fresh" --version 2> "$work/errors"); then return; fi
  sed 's/^/  /' "$work/errors" | head -n 3 >&2
  case $target in
    *-musl) die "portclaim does not run here" "on Alpine: apk add libstdc++ libgcc" ;;
    *) die "portclaim does not run here; nothing was installed" ;;
  esac
}

put_in_place() {
  program=$directory/portclaim
  if cmp -s "$fresh" "$program" && [ -x "$program" ]; then
    say "$installed is already installed: $program"
    return
  fi
  before=
  if [ -x "$program" ]; then before=$("$program" --version 2> /dev/null || echo "another version"); fi
  mv -f "$fresh" "$program"
  fresh=
  say "installed $installed${before:+, replacing $before}: $program"
}

explain_path() {
  case ":$PATH:" in
    *":$directory:"*) ;;
    *)
      say "$directory is not on your PATH"
      case ${SHELL:-} in
        */fish) line="fish_add_path '$directory'" ;;
        */zsh) line="echo 'export PATH=\"$directory:\$PATH\"' >> ~/.zshrc" ;;
        *) line="echo 'export PATH=\"$directory:\$PATH\"' >> ~/.bashrc" ;;
      esac
      hint "$line"
      return
      ;;
  esac
  first=$(command -v portclaim || true)
  if [ -n "$first" ] && [ "$first" != "$directory/portclaim" ]; then
    say "$first comes first on your PATH"
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
        [ $# -gt 1 ] || die "missing value of --version" "--version 0.2.0"
        version=${2#v}
        shift
        ;;
      --version=*) version=${1#--version=} version=${version#v} ;;
      --help)
        echo "Usage: install.sh [--version VERSION]"
        echo "Installs portclaim into ${directory:-~/.local/bin}."
        exit 0
        ;;
      *) die "unknown argument $1; expected --version VERSION" ;;
    esac
    shift
  done
  case $version in
    *[!0-9A-Za-z.+-]*) die "invalid version \"$version\"; expected a version like 0.2.0" ;;
  esac
}

main() {
  version=
  work=
  fresh=
  directory=${PORTCLAIM_INSTALL_DIR:-${HOME:+$HOME/.local/bin}}
  read_arguments "$@"
  [ -n "$directory" ] || die "no directory to install into: HOME is not set" "set PORTCLAIM_INSTALL_DIR"
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

# On the last line, so that nothing runs of a script that was cut off while downloading.
main "$@"
