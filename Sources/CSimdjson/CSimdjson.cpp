#include "CSimdjson.h"

#include <memory>
#include <new>

#include <simdjson.h>

struct ProoflineJSONIndexer {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> implementation;
    size_t capacity = 0;
};

extern "C" ProoflineJSONIndexer *proofline_json_indexer_create(void) {
    return new (std::nothrow) ProoflineJSONIndexer();
}

extern "C" void proofline_json_indexer_destroy(ProoflineJSONIndexer *indexer) {
    delete indexer;
}

/// Grows by doubling, so that a file of ever longer records costs few allocations.
static bool reserve(ProoflineJSONIndexer *indexer, size_t length) {
    if (length <= indexer->capacity) return true;
    size_t wanted = 4096;
    while (wanted < length) wanted *= 2;
    std::unique_ptr<simdjson::internal::dom_parser_implementation> fresh;
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1024, fresh) != simdjson::SUCCESS) return false;
    indexer->implementation = std::move(fresh);
    indexer->capacity = wanted;
    return true;
}

extern "C" int proofline_json_index(
    ProoflineJSONIndexer *indexer, const uint8_t *bytes, size_t length, const uint32_t **indexes, uint32_t *count) {
    if (length == 0) return PROOFLINE_JSON_EMPTY;
    if (length > UINT32_MAX / 2) return PROOFLINE_JSON_OTHER;
    if (!reserve(indexer, length)) return PROOFLINE_JSON_OUT_OF_MEMORY;
    simdjson::error_code code = indexer->implementation->stage1(bytes, length, simdjson::stage1_mode::regular);
    switch (code) {
    case simdjson::SUCCESS: break;
    case simdjson::UTF8_ERROR: return PROOFLINE_JSON_INVALID_UTF8;
    case simdjson::UNCLOSED_STRING: return PROOFLINE_JSON_UNCLOSED_STRING;
    case simdjson::UNESCAPED_CHARS: return PROOFLINE_JSON_CONTROL_CHARACTER;
    case simdjson::EMPTY: return PROOFLINE_JSON_EMPTY;
    case simdjson::MEMALLOC: return PROOFLINE_JSON_OUT_OF_MEMORY;
    default: return PROOFLINE_JSON_OTHER;
    }
    *indexes = indexer->implementation->structural_indexes.get();
    *count = indexer->implementation->n_structural_indexes;
    return PROOFLINE_JSON_OK;
}

extern "C" int proofline_utf8_valid(const uint8_t *bytes, size_t length) {
    return simdjson::validate_utf8(reinterpret_cast<const char *>(bytes), length) ? 1 : 0;
}
