#include "ccurl.h"
// Its checks of types are macros around the functions' own names, which are fields here.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

// libcurl, loaded for the first exchange: most programs have none, and it brings thirty libraries along.
#define FUNCTIONS(each) \
  each(curl_global_init) each(curl_easy_init) each(curl_easy_setopt) each(curl_easy_perform) each(curl_easy_getinfo) \
  each(curl_easy_strerror) each(curl_easy_cleanup) each(curl_slist_append) each(curl_slist_free_all)
static struct {
#define FIELD(name) __typeof__(name) *name;
  FUNCTIONS(FIELD)
#undef FIELD
} lib;

// What stands against using it, or nothing.
static char obstacle[512];

static void begin(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(obstacle, sizeof obstacle, "%s (Debian's package libcurl4 has it)", dlerror());
    return;
  }
#define FIND(name) \
  if (!(*(void **)&lib.name = dlsym(library, #name))) { \
    snprintf(obstacle, sizeof obstacle, "libcurl has no function %s", #name); \
    return; \
  }
  FUNCTIONS(FIND)
#undef FIND
  if (lib.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) snprintf(obstacle, sizeof obstacle, "libcurl does not start");
}

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
  lib.curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, outcome->problem);
  lib.curl_easy_setopt(handle, CURLOPT_URL, request->url);
  lib.curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, request->protocols);
  lib.curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  lib.curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, request->connect_timeout);
  lib.curl_easy_setopt(handle, CURLOPT_TIMEOUT, request->timeout);
  // Saying goodbye to a server that hangs has a time of its own, two minutes unless told otherwise.
  lib.curl_easy_setopt(handle, CURLOPT_FTP_RESPONSE_TIMEOUT, request->timeout);
  lib.curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  lib.curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  lib.curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (request->certificates) lib.curl_easy_setopt(handle, CURLOPT_CAINFO, request->certificates);
  if (request->direct) lib.curl_easy_setopt(handle, CURLOPT_PROXY, "");
  // A connection that the other side closes must not end the program: the signal is kept from this thread.
  sigset_t pipe, before;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  CURLcode code = lib.curl_easy_perform(handle);
  struct timespec at_once = {0, 0};
  if (!sigismember(&before, SIGPIPE)) sigtimedwait(&pipe, NULL, &at_once);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  lib.curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &outcome->reply);
  outcome->kind = kind(code, exchange, outcome->reply);
  if (code != CURLE_OK && !outcome->problem[0])
    snprintf(outcome->problem, sizeof outcome->problem, "%s", lib.curl_easy_strerror(code));
  lib.curl_easy_cleanup(handle);
}

static CURL *start(ccurl_outcome *outcome) {
  memset(outcome, 0, sizeof *outcome);
  pthread_once(&once, begin);
  CURL *handle = obstacle[0] ? NULL : lib.curl_easy_init();
  if (!handle) {
    outcome->kind = CCURL_BROKEN;
    snprintf(outcome->problem, sizeof outcome->problem, "%s", obstacle[0] ? obstacle : "libcurl does not start");
  }
  return handle;
}

void ccurl_send(const ccurl_request *request, ccurl_outcome *outcome) {
  CURL *handle = start(outcome);
  if (!handle) return;
  struct exchange exchange = {request, outcome, 0, 0};
  struct curl_slist *recipients = lib.curl_slist_append(NULL, request->recipient);
  if (request->user) lib.curl_easy_setopt(handle, CURLOPT_USERNAME, request->user);
  if (request->password) lib.curl_easy_setopt(handle, CURLOPT_PASSWORD, request->password);
  lib.curl_easy_setopt(handle, CURLOPT_USE_SSL, (long)(request->require_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  lib.curl_easy_setopt(handle, CURLOPT_MAIL_FROM, request->sender);
  lib.curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients);
  lib.curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  lib.curl_easy_setopt(handle, CURLOPT_READFUNCTION, give);
  lib.curl_easy_setopt(handle, CURLOPT_READDATA, &exchange);
  lib.curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, listen_to);
  lib.curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  perform(handle, &exchange);
  lib.curl_slist_free_all(recipients);
}

void ccurl_get(const ccurl_request *request, ccurl_outcome *outcome) {
  CURL *handle = start(outcome);
  if (!handle) return;
  struct exchange exchange = {request, outcome, 0, 0};
  lib.curl_easy_setopt(handle, CURLOPT_USERAGENT, request->agent);
  lib.curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  lib.curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 3L);
  lib.curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, request->protocols);
  lib.curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
  lib.curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  lib.curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
  lib.curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
  perform(handle, &exchange);
}

void ccurl_free(ccurl_outcome *outcome) {
  free(outcome->body);
  outcome->body = NULL;
}
