#!/usr/bin/env bash
# Makes terminal.svg beside it, the picture in the README, from what a first build and a run of samples/UseModel print.
# It works in a copy of the repository with an empty cache and without the lock file, and leaves the repository alone.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
root=$(git rev-parse --show-toplevel)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
export WISEHUB_CACHE="$copy/cache" HF_HUB_CACHE="$copy/hf" MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
mkdir "$copy/app"
git -C "$root" archive HEAD | tar -x -C "$copy/app"
cd "$copy/app"
rm samples/UseModel/wise.lock.json
dotnet build src/WiseHub.Build -v:q -tl:off > /dev/null
dotnet build samples/UseModel -v:m -tl:off -clp:NoSummary > "$copy/build.txt"
dotnet run --project samples/UseModel --no-build > "$copy/run.txt"

# Lines of other projects are left out, and the folder is one that a reader may have.
{
  echo '$ dotnet build samples/UseModel'
  grep -E 'WiseHub:|UseModel ->' "$copy/build.txt" | sed -E "s|$copy/app|/home/me/app|"
  echo '$ dotnet run --project samples/UseModel'
  head -n 4 "$copy/run.txt"
} | awk '
  function escape(text) { gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text); return text }
  { lines[NR] = $0 }
  END {
    height = NR * 20 + 52
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 %d\" ", height
    printf "width=\"720\" height=\"%d\" role=\"img\">\n", height
    print "  <title>The first build of samples/UseModel fetches the model, verifies it and writes the lock file</title>"
    printf "  <rect width=\"720\" height=\"%d\" rx=\"8\" fill=\"#1e1e2e\" />\n", height
    for (i = 0; i < 3; i++)
      printf "  <circle cx=\"%d\" cy=\"18\" r=\"5\" fill=\"#6c7086\" />\n", 20 + i * 18
    print "  <g font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"13\" fill=\"#cdd6f4\""
    print "     xml:space=\"preserve\">"
    for (i = 1; i <= NR; i++) {
      colour = lines[i] ~ /^\$/ ? " fill=\"#a6e3a1\"" : lines[i] ~ /WiseHub:/ ? " fill=\"#89b4fa\"" : ""
      printf "    <text x=\"18\" y=\"%d\"%s>%s</text>\n", 30 + i * 20, colour, escape(lines[i])
    }
    print "  </g>"
    print "</svg>"
  }' > "$here/terminal.svg"
