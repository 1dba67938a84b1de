#pragma once
// SHA-256 (FIPS 180-4) of many independent messages at once. One message leaves most of a processor idle, since every round
// waits for the one before it; two messages side by side do not wait for each other.
//
// Uses the SHA extensions of x86-64, which not every machine has: ask `csha256_is_available()` first, and hash by other means
// where it says 0.
#include <stddef.h>
#include <stdint.h>

/// 1 where this machine can run the functions below, else 0.
int csha256_is_available(void);

/// Where the messages lie. Message i is `common` ‖ prefix i ‖ body i; `common_size + prefix_size` is at most 64.
///
/// Bodies are given in one of three ways: by `pointers` and `sizes`; or at `base`, from `starts[i]` to `ends[i]`; or, where
/// `starts` is NULL, `size` bytes at `base + i * stride`. In the first two `starts <= ends`. Nothing outside a body is read.
typedef struct {
    const uint8_t *base;
    const uint32_t *starts;
    const uint32_t *ends;
    const void *const *pointers;
    const uint32_t *sizes;
    size_t size;
    size_t stride;

    /// Bytes that every message begins with.
    uint8_t common[32];
    size_t common_size;

    /// Bytes of their own that messages begin with: prefix i lies at `prefixes + i * prefix_stride`.
    const uint8_t *prefixes;
    size_t prefix_size;
    size_t prefix_stride;

    /// The state to begin with and the bytes that it stands for, a multiple of 64: FIPS 180-4's initial value and 0, or the
    /// state after a key block.
    uint32_t state[8];
    uint64_t state_bytes;
} csha256_messages;

/// Writes the digests of messages 0 ..< count one after another to `digests`, 32 bytes each, which overlap no message.
void csha256_many(const csha256_messages *messages, size_t count, uint8_t *digests);

/// Writes the first 16 bytes of SHA-256(seed ‖ (first + i) as 8 bytes, big-endian) for i in 0 ..< count, one after another.
/// `seed` is 32 bytes; one block a salt.
void csha256_salts(const uint8_t *seed, uint64_t first, size_t count, uint8_t *salts);

/// Writes SHA-256(0x01 ‖ pair i) for i in 0 ..< count, pairs being 64 bytes: a level of an RFC 6962 tree from the one below.
/// `nodes` may be `pairs`.
void csha256_nodes(const uint8_t *pairs, size_t count, uint8_t *nodes);

/// Writes SHA-256(0x00 ‖ salt i ‖ digest i) for i in 0 ..< count, salts being 16 bytes and digests 32: one block each.
/// `leaves` may be `digests`.
void csha256_salted_leaves(const uint8_t *salts, const uint8_t *digests, size_t count, uint8_t *leaves);
