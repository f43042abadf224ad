#!/usr/bin/env bash
# A login with curl and openssl, to see every request. docs/relying-parties/libraries.md shows this file; quickstart.mjs
# runs it. It checks neither the signature nor the claims of the id_token: for trying out, not for a service.
#
#   export ISSUER=… CLIENT_ID=… KID=… KEY=client.pem REDIRECT_URI=… SESSION=a-directory
#   ./login.sh begin                    prints the URL for the browser
#   ./login.sh finish 'CALLBACK URL'    prints userinfo
set -euo pipefail

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
random() { openssl rand 32 | base64url; }
sha256() { openssl dgst -sha256 -binary | base64url; }
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
parameter() { sed -n "s/.*[?&]$1=\([^&]*\).*/\1/p"; }

# jwt KEY HEADER CLAIMS: signed with ES256, which is r and s of 32 bytes each, and not the DER that openssl gives.
jwt() {
  local input hex
  input="$(printf %s "$2" | base64url).$(printf %s "$3" | base64url)"
  hex="$(printf %s "$input" | openssl dgst -sha256 -sign "$1" | openssl asn1parse -inform DER |
    sed -n 's/.*INTEGER *://p' | while read -r number; do
      printf '%64s' "$number" | tr ' ' 0 | tail -c 64
    done)"
  printf '%s.%s' "$input" "$(printf '%b' "$(printf %s "$hex" | sed 's/../\\x&/g')" | base64url)"
}

# The audience is the issuer at every endpoint; a new jti each time; five minutes at the most.
assertion() {
  local now; now="$(date +%s)"
  jwt "$KEY" "{\"alg\":\"ES256\",\"kid\":\"$KID\"}" \
    "{\"iss\":\"$CLIENT_ID\",\"sub\":\"$CLIENT_ID\",\"aud\":\"$ISSUER\",\"jti\":\"$(random)\",\"iat\":$now,\"exp\":$((now + 60))}"
}

# proof METHOD URL [MORE CLAIMS]: by the key of this login, with the nonce that the server gave, if it gave one.
proof() {
  local jwk nonce
  point() { openssl ec -in "$SESSION/dpop.pem" -pubout -outform DER 2>/dev/null | tail -c 64; }
  jwk="{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"$(point | head -c 32 | base64url)\",\"y\":\"$(point | tail -c 32 | base64url)\"}"
  nonce="$(cat "$SESSION/nonce")"
  jwt "$SESSION/dpop.pem" "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":$jwk}" \
    "{\"htm\":\"$1\",\"htu\":\"$2\",\"jti\":\"$(random)\",\"iat\":$(date +%s)${nonce:+,\"nonce\":\"$nonce\"}${3:-}}"
}

# wants_nonce ANSWER: whether the same request has to come again, with the nonce that came in the headers.
wants_nonce() {
  sed -n 's/^[Dd][Pp][Oo][Pp]-[Nn][Oo][Nn][Cc][Ee]: *//p' "$SESSION/headers" | tr -d '\r\n' >"$SESSION/nonce"
  [[ "$(cat "$SESSION/headers")$1" == *use_dpop_nonce* ]]
}

# post ENDPOINT PARAMETER…: as the client, with a proof. An assertion and a proof are for one request.
post() {
  local url="$1" answer; shift
  for _ in 1 2; do
    answer="$(curl --silent --show-error --dump-header "$SESSION/headers" --header "DPoP: $(proof POST "$url")" "$url" "$@" \
      --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
      --data-urlencode "client_assertion=$(assertion)")"
    wants_nonce "$answer" || break
  done
  printf %s "$answer"
}

# userinfo TOKEN: the proof is for this token too.
userinfo() {
  local url answer hash
  url="$(endpoint userinfo_endpoint)"
  hash="$(printf %s "$1" | sha256)"
  for _ in 1 2; do
    answer="$(curl --silent --show-error --dump-header "$SESSION/headers" --header "Authorization: DPoP $1" \
      --header "DPoP: $(proof GET "$url" ",\"ath\":\"$hash\"")" "$url")"
    wants_nonce "$answer" || break
  done
  printf %s "$answer"
}

begin() {
  mkdir -p "$SESSION"
  openssl ecparam -name prime256v1 -genkey -noout -out "$SESSION/dpop.pem"
  random >"$SESSION/verifier"
  random >"$SESSION/state"
  : >"$SESSION/nonce"
  local request_uri
  request_uri="$(post "$(endpoint pushed_authorization_request_endpoint)" \
    --data-urlencode "client_id=$CLIENT_ID" \
    --data-urlencode response_type=code \
    --data-urlencode "redirect_uri=$REDIRECT_URI" \
    --data-urlencode 'scope=openid profile' \
    --data-urlencode 'claims={"userinfo":{"name":{"essential":true}}}' \
    --data-urlencode "state=$(cat "$SESSION/state")" \
    --data-urlencode "nonce=$(random)" \
    --data-urlencode "code_challenge=$(tr -d '\n' <"$SESSION/verifier" | sha256)" \
    --data-urlencode code_challenge_method=S256 | member request_uri)"
  printf '%s?client_id=%s&request_uri=%s\n' "$(endpoint authorization_endpoint)" "$CLIENT_ID" "$request_uri"
}

finish() {
  local token
  [ "$(printf %s "$1" | parameter state)" = "$(cat "$SESSION/state")" ] || { echo 'not this login' >&2; exit 1; }
  token="$(post "$(endpoint token_endpoint)" \
    --data-urlencode grant_type=authorization_code \
    --data-urlencode "code=$(printf %s "$1" | parameter code)" \
    --data-urlencode "redirect_uri=$REDIRECT_URI" \
    --data-urlencode "code_verifier=$(cat "$SESSION/verifier")" | member access_token)"
  userinfo "$token"
}

endpoint() { curl --silent --show-error "$ISSUER/.well-known/openid-configuration" | member "$1"; }

"$@"
