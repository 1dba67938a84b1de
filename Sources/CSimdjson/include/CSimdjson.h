#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Stage 1 of simdjson behind a C interface: validates UTF-8 and strings, and finds every structural character.
///
/// The grammar is not checked here: the walker in Swift does that over the indexes.
typedef struct ProoflineJSONIndexer ProoflineJSONIndexer;

enum {
    PROOFLINE_JSON_OK = 0,
    PROOFLINE_JSON_INVALID_UTF8 = 1,
    PROOFLINE_JSON_UNCLOSED_STRING = 2,
    PROOFLINE_JSON_CONTROL_CHARACTER = 3,
    PROOFLINE_JSON_EMPTY = 4,
    PROOFLINE_JSON_OUT_OF_MEMORY = 5,
    PROOFLINE_JSON_OTHER = 6,
};

/// A new indexer, or NULL without memory.
ProoflineJSONIndexer *proofline_json_indexer_create(void);
void proofline_json_indexer_destroy(ProoflineJSONIndexer *indexer);

/// Indexes `length` bytes. On success `*indexes` points to `*count` ascending offsets, valid until the next call.
/// Reads only inside the given bytes.
int proofline_json_index(ProoflineJSONIndexer *indexer, const uint8_t *bytes, size_t length, const uint32_t **indexes, uint32_t *count);

/// Whether the bytes are valid UTF-8.
int proofline_utf8_valid(const uint8_t *bytes, size_t length);

#ifdef __cplusplus
}
#endif
