#!/bin/sh
# SeaweedFS on one machine: one account, from the environment, and no anonymous one. Its configuration holds the secret,
# so it is written to memory.
set -eu
: "${S3_ACCESS_KEY:?}" "${S3_SECRET_KEY:?}"
umask 077
cat > /tmp/s3.json <<JSON
{"identities": [{"name": "portal", "credentials": [{"accessKey": "$S3_ACCESS_KEY", "secretKey": "$S3_SECRET_KEY"}],
  "actions": ["Admin", "Read", "List", "Tagging", "Write"]}]}
JSON
exec weed server -dir=/data -ip="$(hostname)" -ip.bind=0.0.0.0 -master.volumeSizeLimitMB=1024 -volume.max=0 \
    -filer -s3 -s3.port=8333 -s3.config=/tmp/s3.json
