#pragma once

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

// curl_easy_setopt and its relatives are variadic and take the type of their argument on trust. Each function here
// takes one type and refuses, with CURLE_BAD_FUNCTION_ARGUMENT, an option that wants another.

CURLcode zlh_easy_set_long(CURL *easy, CURLoption option, long value);
CURLcode zlh_easy_set_offset(CURL *easy, CURLoption option, curl_off_t value);
/// Options that libcurl copies: strings and CURLOPT_COPYPOSTFIELDS. NULL puts the option back to "none".
CURLcode zlh_easy_set_string(CURL *easy, CURLoption option, const char *value);
/// Options that libcurl only points at: the memory has to outlive the transfer.
CURLcode zlh_easy_set_pointer(CURL *easy, CURLoption option, void *value);
CURLcode zlh_easy_set_headers(CURL *easy, struct curl_slist *headers);

/// Both callbacks of libcurl that hand over received bytes have this shape.
typedef size_t (*zlh_receive)(char *bytes, size_t size, size_t count, void *context);
CURLcode zlh_easy_on_header(CURL *easy, zlh_receive receive, void *context);
CURLcode zlh_easy_on_body(CURL *easy, zlh_receive receive, void *context);

CURLcode zlh_easy_get_long(CURL *easy, CURLINFO info, long *value);
CURLcode zlh_easy_get_offset(CURL *easy, CURLINFO info, curl_off_t *value);
CURLcode zlh_easy_get_pointer(CURL *easy, CURLINFO info, void **value);

/// Where the system has no socket for this process, the errno goes to `shortage`, which has to outlive the handle and is never
/// put back to 0 here: libcurl tells it as a server that cannot be connected to, and keeps the errno to itself.
CURLcode zlh_easy_note_shortage(CURL *easy, int *shortage);

CURLMcode zlh_multi_set_long(CURLM *multi, CURLMoption option, long value);

/// One finished transfer, out of the union that curl_multi_info_read gives. Returns 0 when there is none.
int zlh_multi_next_done(CURLM *multi, CURL **easy, CURLcode *result);

/// The sockets of some multi handles, waited for with epoll(7): what a turn costs grows with what happened, not with the
/// number of transfers, as it does with curl_multi_poll and curl_multi_perform.
typedef struct zlh_sockets zlh_sockets;

/// Returns NULL when the system has no descriptor or memory left.
zlh_sockets *zlh_sockets_create(void);
/// Takes over the multi handle's socket callback; it has to be cleaned up before the sockets are destroyed. Returns 0 when
/// there is no memory left.
int zlh_sockets_add(zlh_sockets *sockets, CURLM *multi);
/// To be called after every curl_multi_cleanup, which still closes sockets.
void zlh_sockets_destroy(zlh_sockets *sockets);
/// Ends a wait, or the next one. The only function here that may be called from any thread.
void zlh_sockets_wake(zlh_sockets *sockets);
/// Lets libcurl act on what was added to a multi handle and what is due in it. Lowers `most` to the milliseconds until
/// something is due again, to 0 when something was.
CURLMcode zlh_multi_act_on_due(CURLM *multi, int *most);
/// Waits `most` milliseconds for something to happen. CURLM_INTERNAL_ERROR when epoll fails.
CURLMcode zlh_sockets_wait(zlh_sockets *sockets, int most);
/// Lets libcurl act on what the wait has brought.
CURLMcode zlh_sockets_act(zlh_sockets *sockets);

/// A pinned leaf certificate: the SHA-256 of its DER form, 32 bytes. Reference counted, because the TLS context of a
/// kept connection outlives the transfer that opened it.
typedef struct zlh_pin zlh_pin;

/// Returns NULL when memory ran out.
zlh_pin *zlh_pin_create(const uint8_t *digest);
void zlh_pin_release(zlh_pin *pin);
/// Copies the digest of a certificate that was refused; returns 0 when none was.
int zlh_pin_refused(const zlh_pin *pin, uint8_t *digest);
/// Replaces the verification of the certificate chain by the comparison with the pin. It runs inside the handshake,
/// so that nothing of the request is sent to a server with another certificate.
CURLcode zlh_easy_pin(CURL *easy, zlh_pin *pin);
