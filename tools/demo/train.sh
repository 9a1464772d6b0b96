#!/bin/bash
# Trains everything, one stage after the other, in RUN (the first argument, default: run).
# Finished stages are skipped, others resume. Start it again after an interruption, or with larger shares of time:
#   STAGE1=7200 nohup nice -n 19 tools/demo/train.sh run &
set -e
T=$(cd "$(dirname "$0")" && pwd)
RUN=${1:-run}
mkdir -p "$RUN" && cd "$RUN"
exec 9>lock && flock -n 9 || { echo 'already training here'; exit 1; }
export PYTHONUNBUFFERED=1
THREADS=${THREADS:-1}
# Seconds of training of each stage.
STAGE1=${STAGE1:-2400} STAGE2=${STAGE2:-2400} VQGAN=${VQGAN:-1500} ENCODER=${ENCODER:-1200} NAR=${NAR:-900}

stage() {                                        # stage NAME command...: its output goes to NAME.log
    local name=$1; shift
    echo "$(date +%T) $name"
    "$@" >> "$name.log" 2>&1
    echo "$(date +%T) $name: $(tail -n 1 "$name.log")"
}
py() { python3 "$T/$1.py" "${@:2}" --threads "$THREADS"; }

main() {
    [ -e faces/train.classes ] || stage render node "$T/render.mjs" faces --train 2400 --held 200
    [ -e guide.pt ] || stage guide py guide
    [ -e tokens.npz ] || stage tokens py tokens --count "${COUNT:-0}"
    stage stage1 py train_stage1 --seconds "$STAGE1"
    stage vqgan py train_vqgan --seconds "$VQGAN"
    stage stage2 py train_stage2 --seconds "$STAGE2"
    stage encoder py train_encoder --seconds "$ENCODER" ${ENCODER_START:+--start "$ENCODER_START"}
    stage nar py train_stage2 --nar --start stage2_final.pt --out nar.pt --seconds "$NAR"
}
main; exit                                       # read as a whole, so that the file may change meanwhile
