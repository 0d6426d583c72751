#include "CCurl.h"

#include <errno.h>
#include <sys/socket.h>

// The kind of an option is in its number (curl.h, CURLOPTTYPE_*): long from 0, object 10,000, function 20,000, offset
// 30,000.
static int has_kind(CURLoption option, int base) { return (int)option / 10000 * 10000 == base; }

CURLcode zlh_easy_set_long(CURL *easy, CURLoption option, long value) {
    if (!has_kind(option, CURLOPTTYPE_LONG)) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_setopt(easy, option, value);
}

CURLcode zlh_easy_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    if (!has_kind(option, CURLOPTTYPE_OFF_T)) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_setopt(easy, option, value);
}

CURLcode zlh_easy_set_string(CURL *easy, CURLoption option, const char *value) {
    if (!has_kind(option, CURLOPTTYPE_OBJECTPOINT)) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_setopt(easy, option, value);
}

CURLcode zlh_easy_set_pointer(CURL *easy, CURLoption option, void *value) {
    if (!has_kind(option, CURLOPTTYPE_OBJECTPOINT)) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_setopt(easy, option, value);
}

CURLcode zlh_easy_set_headers(CURL *easy, struct curl_slist *headers) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}

CURLcode zlh_easy_on_header(CURL *easy, zlh_receive receive, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive);
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}

CURLcode zlh_easy_on_body(CURL *easy, zlh_receive receive, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

static curl_socket_t open_socket(void *shortage, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)purpose;
    int opened = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (opened >= 0) return opened;
    // Others speak of the address: a family that this machine does not have, for example.
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) *(int *)shortage = errno;
    return CURL_SOCKET_BAD;
}

CURLcode zlh_easy_note_shortage(CURL *easy, int *shortage) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, shortage);
}

CURLcode zlh_easy_get_long(CURL *easy, CURLINFO info, long *value) {
    if (((int)info & CURLINFO_TYPEMASK) != CURLINFO_LONG) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_getinfo(easy, info, value);
}

CURLcode zlh_easy_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
    if (((int)info & CURLINFO_TYPEMASK) != CURLINFO_OFF_T) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_getinfo(easy, info, value);
}

CURLcode zlh_easy_get_pointer(CURL *easy, CURLINFO info, void **value) {
    if (((int)info & CURLINFO_TYPEMASK) != CURLINFO_STRING) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_getinfo(easy, info, value);
}

CURLMcode zlh_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    if ((int)option >= CURLOPTTYPE_OBJECTPOINT) return CURLM_UNKNOWN_OPTION;
    return curl_multi_setopt(multi, option, value);
}

int zlh_multi_next_done(CURLM *multi, CURL **easy, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        *easy = message->easy_handle;
        *result = message->data.result;
        return 1;
    }
    return 0;
}
