#include "ccurl.h"
#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int works;

static void begin(void) { works = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; }

// What one exchange needs while it goes on.
struct exchange {
  const ccurl_request *request;
  ccurl_outcome *outcome;
  size_t place;
  int too_large;
};

static size_t give(char *buffer, size_t size, size_t count, void *user) {
  struct exchange *exchange = user;
  const ccurl_request *request = exchange->request;
  size_t rest = request->message_length - exchange->place, room = size * count;
  size_t taken = rest < room ? rest : room;
  memcpy(buffer, request->message + exchange->place, taken);
  exchange->place += taken;
  // libcurl asks once more behind the last byte: only then has everything before been taken.
  if (taken == 0) exchange->outcome->handed_over = 1;
  return taken;
}

static size_t take(char *bytes, size_t size, size_t count, void *user) {
  struct exchange *exchange = user;
  ccurl_outcome *outcome = exchange->outcome;
  size_t length = size * count;
  if (outcome->body_length + length > exchange->request->limit) {
    exchange->too_large = 1;
    return 0;
  }
  char *grown = realloc(outcome->body, outcome->body_length + length + 1);
  if (!grown) return 0;
  memcpy(grown + outcome->body_length, bytes, length);
  outcome->body = grown;
  outcome->body_length += length;
  return length;
}

// Refusals in the words of the server, which explain more than libcurl's; after one it may still say goodbye.
static size_t listen_to(char *bytes, size_t size, size_t count, void *user) {
  struct exchange *exchange = user;
  size_t length = size * count;
  if (length >= 3 && (bytes[0] == '4' || bytes[0] == '5')) {
    size_t kept = length < sizeof exchange->outcome->line - 1 ? length : sizeof exchange->outcome->line - 1;
    memcpy(exchange->outcome->line, bytes, kept);
    exchange->outcome->line[kept] = 0;
  }
  return length;
}

static enum ccurl_kind kind(CURLcode code, const struct exchange *exchange, long reply) {
  switch (code) {
  case CURLE_OK: return CCURL_DONE;
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY:
  case CURLE_COULDNT_CONNECT: return CCURL_UNREACHABLE;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CIPHER:
  case CURLE_USE_SSL_FAILED: return CCURL_INSECURE;
  case CURLE_LOGIN_DENIED: return CCURL_LOGIN;
  case CURLE_OPERATION_TIMEDOUT: return CCURL_TIMEOUT;
  case CURLE_FILESIZE_EXCEEDED: return CCURL_TOO_LARGE;
  default: return exchange->too_large ? CCURL_TOO_LARGE : reply >= 400 ? CCURL_REFUSED : CCURL_BROKEN;
  }
}

static void perform(CURL *handle, struct exchange *exchange) {
  const ccurl_request *request = exchange->request;
  ccurl_outcome *outcome = exchange->outcome;
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, outcome->problem);
  curl_easy_setopt(handle, CURLOPT_URL, request->url);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, request->protocols);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, request->connect_timeout);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, request->timeout);
  // Saying goodbye to a server that hangs has a time of its own, two minutes unless told otherwise.
  curl_easy_setopt(handle, CURLOPT_FTP_RESPONSE_TIMEOUT, request->timeout);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (request->certificates) curl_easy_setopt(handle, CURLOPT_CAINFO, request->certificates);
  if (request->direct) curl_easy_setopt(handle, CURLOPT_PROXY, "");
  // A connection that the other side closes must not end the program: the signal is kept from this thread.
  sigset_t pipe, before;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  CURLcode code = curl_easy_perform(handle);
  struct timespec at_once = {0, 0};
  if (!sigismember(&before, SIGPIPE)) sigtimedwait(&pipe, NULL, &at_once);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &outcome->reply);
  outcome->kind = kind(code, exchange, outcome->reply);
  if (code != CURLE_OK && !outcome->problem[0])
    snprintf(outcome->problem, sizeof outcome->problem, "%s", curl_easy_strerror(code));
  curl_easy_cleanup(handle);
}

static CURL *start(ccurl_outcome *outcome) {
  memset(outcome, 0, sizeof *outcome);
  pthread_once(&once, begin);
  CURL *handle = works ? curl_easy_init() : NULL;
  if (!handle) {
    outcome->kind = CCURL_BROKEN;
    snprintf(outcome->problem, sizeof outcome->problem, "libcurl does not start");
  }
  return handle;
}

void ccurl_send(const ccurl_request *request, ccurl_outcome *outcome) {
  CURL *handle = start(outcome);
  if (!handle) return;
  struct exchange exchange = {request, outcome, 0, 0};
  struct curl_slist *recipients = curl_slist_append(NULL, request->recipient);
  if (request->user) curl_easy_setopt(handle, CURLOPT_USERNAME, request->user);
  if (request->password) curl_easy_setopt(handle, CURLOPT_PASSWORD, request->password);
  curl_easy_setopt(handle, CURLOPT_USE_SSL, (long)(request->require_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  curl_easy_setopt(handle, CURLOPT_MAIL_FROM, request->sender);
  curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients);
  curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(handle, CURLOPT_READDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, listen_to);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  perform(handle, &exchange);
  curl_slist_free_all(recipients);
}

void ccurl_get(const ccurl_request *request, ccurl_outcome *outcome) {
  CURL *handle = start(outcome);
  if (!handle) return;
  struct exchange exchange = {request, outcome, 0, 0};
  curl_easy_setopt(handle, CURLOPT_USERAGENT, request->agent);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 3L);
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, request->protocols);
  curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
  perform(handle, &exchange);
}

void ccurl_free(ccurl_outcome *outcome) {
  free(outcome->body);
  outcome->body = NULL;
}
