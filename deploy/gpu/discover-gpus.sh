#!/usr/bin/env bash
# Tells Spark which GPUs a worker or an executor has: set it as
# spark.{worker,driver,executor}.resource.gpu.discoveryScript. Prints the indices that nvidia-smi
# lists, those in CUDA_VISIBLE_DEVICES alone where it is set:
#
#   {"name": "gpu", "addresses": ["0", "1"]}
set -euo pipefail

command -v nvidia-smi > /dev/null || {
  echo "discover-gpus: nvidia-smi is not on the PATH of $(id -un)@$(hostname); install NVIDIA's driver or ask Spark for no gpu resource here" >&2
  exit 1
}
listed=$(nvidia-smi --query-gpu=index --format=csv,noheader) || {
  echo "discover-gpus: nvidia-smi failed on $(hostname): $listed" >&2
  exit 1
}

addresses=''
for index in $listed; do
  if [ -n "${CUDA_VISIBLE_DEVICES+set}" ]; then
    case ",${CUDA_VISIBLE_DEVICES// /}," in
      *",$index,"*) ;;
      *) continue ;;
    esac
  fi
  addresses+="${addresses:+, }\"$index\""
done
printf '{"name": "gpu", "addresses": [%s]}\n' "$addresses"
