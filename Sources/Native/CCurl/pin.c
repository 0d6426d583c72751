#include "CCurl.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { digest_length = 32 };

struct zlh_pin {
    atomic_int references;
    uint8_t wanted[digest_length];
    uint8_t seen[digest_length];
    int refused;
};

zlh_pin *zlh_pin_create(const uint8_t *digest) {
    zlh_pin *pin = calloc(1, sizeof *pin);
    if (pin == NULL) return NULL;
    atomic_init(&pin->references, 1);
    memcpy(pin->wanted, digest, digest_length);
    return pin;
}

void zlh_pin_release(zlh_pin *pin) {
    if (pin != NULL && atomic_fetch_sub(&pin->references, 1) == 1) free(pin);
}

int zlh_pin_refused(const zlh_pin *pin, uint8_t *digest) {
    if (!pin->refused) return 0;
    memcpy(digest, pin->seen, digest_length);
    return 1;
}

// The TLS context keeps one reference for as long as it may call `verify`.
static int context_index = -1;
static pthread_once_t context_index_once = PTHREAD_ONCE_INIT;

static void context_freed(void *parent, void *pin, CRYPTO_EX_DATA *data, int index, long argl, void *argp) {
    (void)parent, (void)data, (void)index, (void)argl, (void)argp;
    zlh_pin_release(pin);
}

static void make_context_index(void) {
    context_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, context_freed);
}

static int verify(X509_STORE_CTX *store, void *argument) {
    zlh_pin *pin = argument;
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (leaf != NULL && X509_digest(leaf, EVP_sha256(), digest, &length) == 1 && length == digest_length) {
        if (CRYPTO_memcmp(digest, pin->wanted, digest_length) == 0) {
            X509_STORE_CTX_set_error(store, X509_V_OK);
            return 1;
        }
        memcpy(pin->seen, digest, digest_length);
        pin->refused = 1;
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

static CURLcode prepare_context(CURL *easy, void *raw_context, void *argument) {
    (void)easy;
    SSL_CTX *context = raw_context;
    zlh_pin *pin = argument;
    pthread_once(&context_index_once, make_context_index);
    if (context_index < 0) return CURLE_SSL_CONNECT_ERROR;
    atomic_fetch_add(&pin->references, 1);
    if (SSL_CTX_set_ex_data(context, context_index, pin) != 1) {
        zlh_pin_release(pin);
        return CURLE_SSL_CONNECT_ERROR;
    }
    // libcurl was told not to verify (its own rules do not apply to a pinned certificate); this asks OpenSSL to, by
    // our rule.
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(context, verify, pin);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    return CURLE_OK;
}

CURLcode zlh_easy_pin(CURL *easy, zlh_pin *pin) {
    // A resumed session or a kept list of authorities would skip or replace the comparison: both are off.
    CURLcode code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, pin);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare_context);
    return code;
}
