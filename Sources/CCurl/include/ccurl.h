#pragma once
#include <stddef.h>
// The two things that Cajal asks of libcurl: send one message by SMTP, get one document by HTTP. Its functions of varying
// arguments, which Swift cannot call, and the functions that it calls back stay on this side.

enum ccurl_kind {
  CCURL_DONE = 0,
  CCURL_UNREACHABLE, // the host is unknown, or nobody listens
  CCURL_INSECURE,    // no TLS, or a certificate that cannot be trusted
  CCURL_LOGIN,       // user or password refused
  CCURL_REFUSED,     // the server answered with a code from 400 on
  CCURL_TIMEOUT,
  CCURL_TOO_LARGE,
  CCURL_BROKEN, // anything else
};

typedef struct {
  const char *url;
  const char *user, *password;     // or null
  const char *sender, *recipient;  // of the envelope
  const char *message;             // lines end with CR LF
  size_t message_length;
  const char *certificates; // a file of authorities in PEM, or null for the system's
  const char *protocols;    // "smtp,smtps"
  long timeout, connect_timeout; // seconds
  int require_tls;               // TLS before anything else is said
  int direct;                    // past proxies
  size_t limit;                  // bytes of a document at most
  const char *agent;
} ccurl_request;

typedef struct {
  enum ccurl_kind kind;
  long reply;        // the server's last code, 0 where none came
  int handed_over;   // whether the whole message had been given to the connection
  char problem[512]; // libcurl's words
  char line[512];    // the last line of the server that bears a code from 400 on
  char *body;        // of a document; free with ccurl_free
  size_t body_length;
} ccurl_outcome;

void ccurl_send(const ccurl_request *request, ccurl_outcome *outcome);
void ccurl_get(const ccurl_request *request, ccurl_outcome *outcome);
void ccurl_free(ccurl_outcome *outcome);
