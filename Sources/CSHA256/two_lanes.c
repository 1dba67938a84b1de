// Two messages side by side by the SHA extensions: a round waits four cycles for the one before it, in which a processor
// can begin another.
#include "csha256_lane.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE static inline __attribute__((always_inline)) SHA_NI

/// A state as the instructions want it: words a b e f and c d g h, highest first.
typedef struct {
    __m128i abef, cdgh;
} state;

INLINE state load_state(const uint32_t words[8]) {
    const __m128i dcba = _mm_loadu_si128((const __m128i *)words), hgfe = _mm_loadu_si128((const __m128i *)(words + 4));
    const __m128i cdab = _mm_shuffle_epi32(dcba, 0xb1), efgh = _mm_shuffle_epi32(hgfe, 0x1b);
    return (state){_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xf0)};
}

INLINE void store_digest(state s, uint8_t *digest) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    const __m128i feba = _mm_shuffle_epi32(s.abef, 0x1b), dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)digest, _mm_shuffle_epi8(_mm_blend_epi16(feba, dchg, 0xf0), swap));
    _mm_storeu_si128((__m128i *)(digest + 16), _mm_shuffle_epi8(_mm_alignr_epi8(dchg, feba, 8), swap));
}

/// Four rounds of one lane with the scheduled words `w`, constants from `k`.
INLINE void four_rounds(state *s, __m128i w, int k) {
    __m128i wk = _mm_add_epi32(w, _mm_load_si128((const __m128i *)(csha256_k + k)));
    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, wk);
    wk = _mm_shuffle_epi32(wk, 0x0e);
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, wk);
}

/// The four words after `a b c d`.
INLINE __m128i schedule(__m128i a, __m128i b, __m128i c, __m128i d) {
    return _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(a, b), _mm_alignr_epi8(d, c, 4)), d);
}

INLINE __m128i load_words(const uint8_t *at) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)at), swap);
}

/// A block as sixteen words, four a register.
typedef struct {
    __m128i w0, w1, w2, w3;
} words;

INLINE words load_block(const uint8_t *at) {
    return (words){load_words(at), load_words(at + 16), load_words(at + 32), load_words(at + 48)};
}

// The empty instruction needs both lanes, so that the compiler cannot put one lane's rounds after all of the other's: then
// they would be too far apart for the processor to run side by side.
#define BOTH(w, k)                                                                                                \
    do {                                                                                                          \
        four_rounds(&s, x.w, k), four_rounds(&t, y.w, k);                                                         \
        __asm__("" : "+x"(s.abef), "+x"(s.cdgh), "+x"(t.abef), "+x"(t.cdgh));                                     \
    } while (0)
#define NEXT(a, b, c, d) (x.a = schedule(x.a, x.b, x.c, x.d), y.a = schedule(y.a, y.b, y.c, y.d))

/// One block of each of two messages.
INLINE void block_of_two(state *first, state *second, words x, words y) {
    state s = *first, t = *second;
    BOTH(w0, 0);
    BOTH(w1, 4);
    BOTH(w2, 8);
    BOTH(w3, 12);
#pragma clang loop unroll(full)
    for (int k = 16; k < 64; k += 16) {
        NEXT(w0, w1, w2, w3);
        BOTH(w0, k);
        NEXT(w1, w2, w3, w0);
        BOTH(w1, k + 4);
        NEXT(w2, w3, w0, w1);
        BOTH(w2, k + 8);
        NEXT(w3, w0, w1, w2);
        BOTH(w3, k + 12);
    }
    first->abef = _mm_add_epi32(s.abef, first->abef), first->cdgh = _mm_add_epi32(s.cdgh, first->cdgh);
    second->abef = _mm_add_epi32(t.abef, second->abef), second->cdgh = _mm_add_epi32(t.cdgh, second->cdgh);
}

/// `blocks` blocks of two messages.
SHA_NI static void compress_two(state states[2], const uint8_t *p, const uint8_t *q, size_t blocks) {
    state s = states[0], t = states[1];
    for (; blocks > 0; blocks--, p += 64, q += 64) block_of_two(&s, &t, load_block(p), load_block(q));
    states[0] = s, states[1] = t;
}

/// `blocks` blocks of one message: what is left when the other lane has none.
SHA_NI static void compress_one(state *lane, const uint8_t *p, size_t blocks) {
    state s = *lane;
    for (; blocks > 0; blocks--, p += 64) {
        const state before = s;
        words x = load_block(p);
        four_rounds(&s, x.w0, 0), four_rounds(&s, x.w1, 4), four_rounds(&s, x.w2, 8), four_rounds(&s, x.w3, 12);
#pragma clang loop unroll(full)
        for (int k = 16; k < 64; k += 16) {
            x.w0 = schedule(x.w0, x.w1, x.w2, x.w3), four_rounds(&s, x.w0, k);
            x.w1 = schedule(x.w1, x.w2, x.w3, x.w0), four_rounds(&s, x.w1, k + 4);
            x.w2 = schedule(x.w2, x.w3, x.w0, x.w1), four_rounds(&s, x.w2, k + 8);
            x.w3 = schedule(x.w3, x.w0, x.w1, x.w2), four_rounds(&s, x.w3, k + 12);
        }
        s.abef = _mm_add_epi32(s.abef, before.abef), s.cdgh = _mm_add_epi32(s.cdgh, before.cdgh);
    }
    *lane = s;
}

SHA_NI void csha256_many(const csha256_messages *m, size_t count, uint8_t *digests) {
    if (count == 0) return;
    csha256_lane lanes[2];
    state states[2];
    const state start = load_state(m->state);
    size_t next = 0;
    csha256_begin(&lanes[0], m, next++);
    states[0] = states[1] = start;
    int is_open = next < count;
    if (is_open) csha256_begin(&lanes[1], m, next++);
    while (is_open) {
        const size_t blocks = lanes[0].blocks < lanes[1].blocks ? lanes[0].blocks : lanes[1].blocks;
        compress_two(states, lanes[0].at, lanes[1].at, blocks);
        for (int i = 0; i < 2; i++) {
            lanes[i].at += 64 * blocks;
            lanes[i].blocks -= blocks;
            if (lanes[i].blocks > 0 || csha256_next_run(&lanes[i])) continue;
            store_digest(states[i], digests + 32 * lanes[i].index);
            states[i] = start;
            if (next < count) {
                csha256_begin(&lanes[i], m, next++);
            } else {
                // Lane 0 is the one to be finished alone; its runs may lie in itself, so it must not move.
                if (!is_open) return;
                is_open = 0;
                lanes[i].index = count;
            }
        }
    }
    csha256_lane *left = lanes[0].index == count ? &lanes[1] : &lanes[0];
    if (left->index == count) return;
    state *s = &states[left - lanes];
    do compress_one(s, left->at, left->blocks);
    while (csha256_next_run(left));
    store_digest(*s, digests + 32 * left->index);
}

// The functions below put their blocks together in registers: writing bytes to memory and reading words of them at once makes
// the processor wait.

static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/// Sixteen bytes in the order of memory as four words.
INLINE __m128i swapped(__m128i bytes) {
    return _mm_shuffle_epi8(bytes, _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

SHA_NI void csha256_salts(const uint8_t *seed, uint64_t first, size_t count, uint8_t *salts) {
    const state start = load_state(initial);
    const __m128i w0 = load_words(seed), w1 = load_words(seed + 16), w3 = _mm_set_epi32(40 * 8, 0, 0, 0);
    for (size_t i = 0; i < count; i += 2) {
        const uint64_t a = first + i, b = a + 1;
        state s = start, t = start;
        uint8_t digests[2][32];
        block_of_two(
            &s, &t, (words){w0, w1, _mm_set_epi32(0, (int)0x80000000, (int)a, (int)(a >> 32)), w3},
            (words){w0, w1, _mm_set_epi32(0, (int)0x80000000, (int)b, (int)(b >> 32)), w3});
        store_digest(s, digests[0]);
        store_digest(t, digests[1]);
        memcpy(salts + 16 * i, digests[0], 16);
        if (i + 1 < count) memcpy(salts + 16 * (i + 1), digests[1], 16);
    }
}

/// 0x01 ‖ the first 63 bytes at `pair`.
INLINE words node_opening(const uint8_t *pair) {
    const __m128i opening = _mm_slli_si128(_mm_loadu_si128((const __m128i *)pair), 1);
    return (words){
        swapped(_mm_or_si128(opening, _mm_cvtsi32_si128(1))), load_words(pair + 15), load_words(pair + 31), load_words(pair + 47)};
}

SHA_NI void csha256_nodes(const uint8_t *pairs, size_t count, uint8_t *nodes) {
    const state start = load_state(initial);
    const __m128i zero = _mm_setzero_si128(), length = _mm_set_epi32(65 * 8, 0, 0, 0);
    for (size_t i = 0; i < count; i += 2) {
        const uint8_t *p = pairs + 64 * i, *q = i + 1 < count ? p + 64 : p;
        const int p_end = (p[63] << 24) | 0x800000, q_end = (q[63] << 24) | 0x800000;
        state s = start, t = start;
        block_of_two(&s, &t, node_opening(p), node_opening(q));
        block_of_two(
            &s, &t, (words){_mm_cvtsi32_si128(p_end), zero, zero, length}, (words){_mm_cvtsi32_si128(q_end), zero, zero, length});
        store_digest(s, nodes + 32 * i);
        if (i + 1 < count) store_digest(t, nodes + 32 * (i + 1));
    }
}

/// 0x00 ‖ salt ‖ digest, 49 bytes with their padding.
INLINE words salted_block(const uint8_t *salt, const uint8_t *digest) {
    const __m128i a = _mm_loadu_si128((const __m128i *)salt), b = _mm_loadu_si128((const __m128i *)digest);
    const __m128i c = _mm_loadu_si128((const __m128i *)(digest + 16));
    return (words){
        swapped(_mm_slli_si128(a, 1)), swapped(_mm_alignr_epi8(b, a, 15)), swapped(_mm_alignr_epi8(c, b, 15)),
        _mm_or_si128(swapped(_mm_srli_si128(c, 15)), _mm_set_epi32(49 * 8, 0, 0, 0x800000))};
}

SHA_NI void csha256_salted_leaves(const uint8_t *salts, const uint8_t *digests, size_t count, uint8_t *leaves) {
    const state start = load_state(initial);
    for (size_t i = 0; i < count; i += 2) {
        const size_t j = i + 1 < count ? i + 1 : i;
        state s = start, t = start;
        block_of_two(
            &s, &t, salted_block(salts + 16 * i, digests + 32 * i), salted_block(salts + 16 * j, digests + 32 * j));
        store_digest(s, leaves + 32 * i);
        if (j > i) store_digest(t, leaves + 32 * j);
    }
}
#endif
