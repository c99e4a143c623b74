#!/bin/sh
# Makes two-sentences.wav beside it: 16 kHz, mono, 16 bits; silence, a sentence, silence, a sentence, silence.
# Needs espeak-ng and sox (Debian: apt-get install espeak-ng sox). The sample and its test need only the result.
set -eu
cd "$(dirname "$0")"
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT

# espeak-ng speaks with 22.05 kHz and ends each sentence with a pause of its own, which is cut off: all silence is stated here.
say() { espeak-ng -v en-us -s 165 -w "$parts/$1.wav" "$2"; }
say first "The model is locked by its digest."
say second "Every build gets the same bytes."
for name in first second; do
  sox "$parts/$name.wav" -D -b 16 -r 16000 "$parts/$name-16k.wav" silence 1 0.01 1% reverse silence 1 0.01 1% reverse
done
sox -D "$parts/first-16k.wav" "$parts/first-padded.wav" pad 0.6 1.0
sox -D "$parts/second-16k.wav" "$parts/second-padded.wav" pad 0 0.6
sox -D "$parts/first-padded.wav" "$parts/second-padded.wav" two-sentences.wav
soxi two-sentences.wav "$parts/first-16k.wav" "$parts/second-16k.wav"
