#pragma once
// One message on its way through a kernel: as up to three runs of whole blocks, so that a body is read where it lies.
#include <string.h>

#include "CSHA256.h"

extern const uint32_t csha256_k[64];

typedef struct {
    /// The next block, and how many follow each other from there.
    const uint8_t *at;
    size_t blocks;
    /// Whole blocks inside the body, and those of the padded end, that come after the present run.
    const uint8_t *middle;
    size_t middle_blocks;
    size_t tail_blocks;
    /// Which message it is.
    size_t index;
    /// The block that holds the prefix and the body's beginning; the body's end with the padding.
    uint8_t head[64];
    uint8_t tail[128];
} csha256_lane;

static inline void csha256_store_be32(uint8_t *out, uint32_t value) {
    value = __builtin_bswap32(value);
    memcpy(out, &value, 4);
}

static inline void csha256_store_be64(uint8_t *out, uint64_t value) {
    value = __builtin_bswap64(value);
    memcpy(out, &value, 8);
}

/// Puts message `index` into the lane; its first run is ready.
static inline void csha256_begin(csha256_lane *lane, const csha256_messages *m, size_t index) {
    const uint8_t *body;
    size_t size;
    if (m->pointers != NULL) {
        body = (const uint8_t *)m->pointers[index];
        size = m->sizes[index];
    } else if (m->starts != NULL) {
        body = m->base + m->starts[index];
        size = m->ends[index] - m->starts[index];
    } else {
        body = m->base + index * m->stride;
        size = m->size;
    }
    const size_t prefix = m->common_size + m->prefix_size;
    const size_t total = prefix + size;
    const size_t rest = total & 63;
    const size_t full = total >> 6;
    size_t taken = 0;
    uint8_t *tail = lane->tail;

    lane->index = index;
    lane->tail_blocks = rest < 56 ? 1 : 2;
    uint8_t *opening = full > 0 ? lane->head : tail;
    if (prefix > 0) {
        memcpy(opening, m->common, m->common_size);
        if (m->prefix_size > 0) memcpy(opening + m->common_size, m->prefixes + index * m->prefix_stride, m->prefix_size);
    }
    size_t in_tail = 0;
    if (full == 0) {
        in_tail = prefix;
        lane->middle_blocks = 0;
    } else if (prefix > 0) {
        taken = 64 - prefix;
        if (taken > 0) memcpy(lane->head + prefix, body, taken);
        lane->middle_blocks = full - 1;
    } else {
        lane->middle_blocks = full;
    }
    lane->middle = body + taken;
    taken += lane->middle_blocks * 64;
    if (size > taken) memcpy(tail + in_tail, body + taken, size - taken);
    memset(tail + rest, 0, lane->tail_blocks * 64 - rest);
    tail[rest] = 0x80;
    csha256_store_be64(tail + lane->tail_blocks * 64 - 8, (m->state_bytes + total) * 8);

    if (full > 0 && prefix > 0) {
        lane->at = lane->head;
        lane->blocks = 1;
    } else if (lane->middle_blocks > 0) {
        lane->at = lane->middle;
        lane->blocks = lane->middle_blocks;
        lane->middle_blocks = 0;
    } else {
        lane->at = tail;
        lane->blocks = lane->tail_blocks;
        lane->tail_blocks = 0;
    }
}

/// Goes to the message's next run of blocks. 0 when there is none: the digest is ready.
static inline int csha256_next_run(csha256_lane *lane) {
    if (lane->middle_blocks > 0) {
        lane->at = lane->middle;
        lane->blocks = lane->middle_blocks;
        lane->middle_blocks = 0;
        return 1;
    }
    if (lane->tail_blocks > 0) {
        lane->at = lane->tail;
        lane->blocks = lane->tail_blocks;
        lane->tail_blocks = 0;
        return 1;
    }
    return 0;
}
