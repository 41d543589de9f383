#pragma once
#include <curl/curl.h>

static inline CURLcode giga_curl_set_number(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode giga_curl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode giga_curl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode giga_curl_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return curl_easy_setopt(easy, option, value);
}

/// The signature shared by write, header and read callbacks.
typedef size_t (*giga_curl_bytes)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode giga_curl_set_bytes(CURL *easy, CURLoption option, giga_curl_bytes call) {
    return curl_easy_setopt(easy, option, call);
}

static inline long giga_curl_number(CURL *easy, CURLINFO fact) {
    long value = 0;
    return curl_easy_getinfo(easy, fact, &value) == CURLE_OK ? value : 0;
}

/// The result of a finished transfer, or -1 while none has finished.
static inline int giga_curl_multi_result(CURLM *multi) {
    int left = 0;
    CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) return (int)message->data.result;
    }
    return -1;
}
