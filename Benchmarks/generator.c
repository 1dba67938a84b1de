/* Writes three logs that belong together: an Okta System Log (about 1.5 kB an event), a product's audit log (about 600 B) and a job
 * runner's log (about 350 B), each sorted by time, the same bytes for the same arguments on any machine.
 *
 * usage: generator FOLDER EVENTS SEED ACTIONS.TSV        writes okta.jsonl, product.jsonl, jobs.jsonl, and facts.json last
 *
 * The unit is a flow: one actor signs on, works, and starts a job, all under one correlation id. Flows begin by the clock of an
 * office (90 days from 2026-07-01); their events pass through a heap, so that each file comes out in order of time with little memory.
 * Ids are random bytes, about 19 of them an event on average. A few needles are planted whose number does not depend on EVENTS;
 * facts.json says how often each was written. Integer arithmetic decides everything that is written.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACTORS = 50000, TENANTS = 300, DAYS = 90, HOURS = DAYS * 24, SOURCES = 3, MAX_LINE = 8192, MAX_FLOW_EVENTS = 32 };
enum { OKTA, PRODUCT, JOBS };
enum { NEEDLE_ACTOR = 1, NEEDLE_ADDRESS = 2, NEEDLE_CORRELATION = 4, NEEDLE_TEXT = 8, NEEDLE_EVENT = 16, TENANT_EXPORT = 32, NEEDLES = 6 };
static const int64_t START_MS = 1782864000000; /* 2026-07-01T00:00:00Z, a Wednesday */
static const char *const FILES[SOURCES] = {"okta.jsonl", "product.jsonl", "jobs.jsonl"};
static const char *const NEEDLE_NAMES[NEEDLES] = {"actor", "address", "correlation", "text", "event", "tenant"};
static const int ACTOR_FLOWS = 40, ADDRESS_FLOWS = 12, TEXT_FLOWS = 15;
static const char NEEDLE_UUID[] = "5eed1e55-0000-4000-8000-00000000babe", NEEDLE_CORRELATION_ID[] = "Zneedle0Correlation0";
static const char NEEDLE_PHRASE[] = "blue-heron-protocol", NEEDLE_IP[] = "203.0.113.77", NEEDLE_EMAIL[] = "quinn.needle@planted.example";
static const int EXPORT_TENANT = 20;

/* ---- random numbers: splitmix64, one stream per flow, so that flows do not depend on one another ---- */
typedef struct { uint64_t state; } Random;
static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
static uint64_t next(Random *r) { return mix(r->state += 0x9e3779b97f4a7c15u); }
static uint32_t below(Random *r, uint32_t n) { return (uint32_t)(((next(r) >> 32) * n) >> 32); }
static int chance(Random *r, uint32_t percent) { return below(r, 100) < percent; }

/* ---- picking by weight 1 / (rank + offset), in 32-bit fixed point ---- */
typedef struct { uint64_t *sums; int count; } Zipf;
static Zipf zipf(int count, int offset) {
    Zipf z = {malloc(sizeof(uint64_t) * (size_t)count), count};
    uint64_t sum = 0;
    for (int i = 0; i < count; i++) z.sums[i] = sum += (1ull << 32) / (uint64_t)(i + offset);
    return z;
}
static int pick(const Zipf *z, Random *r) {
    uint64_t x = (uint64_t)(((unsigned __int128)next(r) * z->sums[z->count - 1]) >> 64);
    int low = 0, high = z->count - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (z->sums[middle] <= x) low = middle + 1; else high = middle;
    }
    return low;
}

/* ---- the world ---- */
typedef struct { char word[80], action[48], text[80]; } Action;
static Action actions[SOURCES][256];
static int action_count[SOURCES];
static Zipf actor_law, tenant_law, action_law[SOURCES], app_law;

static const char *const FIRST[] = {"Ada", "Amir", "Ana", "Anton", "Asha", "Ben", "Bianca", "Carl", "Chen", "Clara", "Dana", "David", "Elena", "Emil", "Eva", "Farid", "Felix", "Fiona",
    "Georg", "Greta", "Hana", "Henry", "Ida", "Igor", "Ines", "Ivan", "Jana", "Jonas", "Julia", "Karim", "Katja", "Kenji", "Lara", "Leo", "Lin", "Lucia", "Magnus", "Maria", "Marta",
    "Mehmet", "Mina", "Nadia", "Nils", "Noor", "Olga", "Omar", "Paula", "Pedro", "Petra", "Priya", "Rafael", "Rita", "Rosa", "Sami", "Sara", "Sofia", "Stefan", "Tara", "Tomas", "Uma",
    "Vera", "Viktor", "Wei", "Yara"};
static const char *const LAST[] = {"Abbott", "Adler", "Alvarez", "Arnold", "Bauer", "Becker", "Berg", "Bianchi", "Blake", "Braun", "Castro", "Cohen", "Conti", "Costa", "Dahl", "Diaz", "Dubois",
    "Eriksen", "Falk", "Ferrari", "Fischer", "Foster", "Garcia", "Gruber", "Haas", "Hansen", "Hoffmann", "Horvat", "Huber", "Ito", "Jansen", "Jensen", "Kaya", "Keller", "Khan", "Klein", "Kovacs",
    "Kumar", "Larsen", "Lehmann", "Lopez", "Marino", "Mayer", "Meyer", "Moreau", "Nagy", "Nguyen", "Novak", "Okafor", "Olsen", "Ortega", "Park", "Patel", "Petrov", "Popov", "Ramos", "Rossi",
    "Sato", "Schmid", "Silva", "Singh", "Tanaka", "Weber", "Zhang"};
static const char *const AGENTS[][3] = {
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36", "Windows", "CHROME"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36", "Mac OS X", "CHROME"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", "Mac OS X", "SAFARI"},
    {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Linux", "FIREFOX"},
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Windows", "FIREFOX"},
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0", "Windows", "EDGE"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "iOS", "SAFARI"},
    {"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36", "Android", "CHROME"}};
static const char *const PLACES[][3] = {{"Vienna", "Vienna", "Austria"}, {"Utrecht", "Utrecht", "Netherlands"}, {"Leeds", "England", "United Kingdom"}, {"Lyon", "Rhone", "France"}, {"Turin", "Piedmont", "Italy"},
    {"Graz", "Styria", "Austria"}, {"Porto", "Porto", "Portugal"}, {"Malmo", "Skane", "Sweden"}, {"Austin", "Texas", "United States"}, {"Denver", "Colorado", "United States"},
    {"Toronto", "Ontario", "Canada"}, {"Pune", "Maharashtra", "India"}};
static const char *const OBJECTS[] = {"entry", "invoice", "report", "record", "account", "budget", "statement", "receipt"};
static const char *const ROLES[] = {",\"roles\":[\"editor\"]", "", ",\"roles\":[\"admin\",\"billing\"]", "", ",\"roles\":[\"owner\"]"};
static const char *const FAILURES[] = {"INVALID_CREDENTIALS", "VERIFICATION_ERROR", "LOCKED_OUT", "Sign-on policy evaluation resulted in DENY"};
#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof(list[0])))
#define PICK(list, n) (list)[(n) % COUNT(list)]

typedef struct {
    int number, support, tenant;
    const char *first, *last;
    uint64_t traits;
    char okta_id[24], product_id[16], email[96], name[64];
} Actor;
typedef struct { char id[26]; int64_t until; } Session;
static Session *sessions;

static const char BASE62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static void base62(char *out, int length, Random *r) {
    for (int i = 0; i < length; i++) out[i] = BASE62[below(r, 62)];
    out[length] = 0;
}
static void hex(char *out, int digits, Random *r) {
    uint64_t bits = 0;
    for (int i = 0; i < digits; i++, bits >>= 4) {
        if (i % 16 == 0) bits = next(r);
        out[i] = "0123456789abcdef"[bits & 15];
    }
    out[digits] = 0;
}

static Actor actor_numbered(int number) {
    Actor a = {.number = number, .traits = mix((uint64_t)number * 0x9e3779b97f4a7c15u + 77)};
    Random r = {a.traits};
    a.first = FIRST[below(&r, COUNT(FIRST))];
    a.last = LAST[below(&r, COUNT(LAST))];
    a.support = below(&r, 40) == 0;
    a.tenant = pick(&tenant_law, &r);
    snprintf(a.okta_id, sizeof a.okta_id, "00u");
    base62(a.okta_id + 3, 17, &r);
    snprintf(a.product_id, sizeof a.product_id, a.support ? "E%05d" : "u_%06d", number);
    char lower_first[16], lower_last[16];
    snprintf(lower_first, sizeof lower_first, "%s", a.first);
    snprintf(lower_last, sizeof lower_last, "%s", a.last);
    lower_first[0] |= 32;
    lower_last[0] |= 32;
    if (a.support) snprintf(a.email, sizeof a.email, "%s.%s%d@ledger.example", lower_first, lower_last, number);
    else snprintf(a.email, sizeof a.email, "%s.%s%d@tenant%d.example", lower_first, lower_last, number, a.tenant);
    snprintf(a.name, sizeof a.name, "%s %s", a.first, a.last);
    if (number == ACTORS) {
        a.support = 0;
        snprintf(a.email, sizeof a.email, "%s", NEEDLE_EMAIL);
        snprintf(a.name, sizeof a.name, "Quinn Needle");
    }
    return a;
}

/* One of an actor's four addresses, mostly the first; addresses of the range for benchmarks (RFC 2544), one in twenty actors has IPv6. */
static void address_of(const Actor *a, Random *r, char out[48]) {
    uint32_t which = chance(r, 85) ? 0 : 1 + below(r, 3);
    uint64_t h = mix(a->traits + which * 0x632be59bd9b4e019u);
    if (a->traits % 20 == 0) snprintf(out, 48, "2001:db8:%x:%x::%x", (unsigned)(h & 0xfff) + 1, (unsigned)(h >> 12 & 0xfff) + 1, (unsigned)(h >> 24 & 0xff) + 1);
    else snprintf(out, 48, "198.%u.%u.%u", (unsigned)(18 + (h >> 40) % 2), (unsigned)(h & 255), (unsigned)(h >> 8 & 255));
}

/* ---- time ---- */
static int64_t hour_sums[HOURS];
static void make_calendar(void) {
    int64_t sum = 0;
    for (int h = 0; h < HOURS; h++) {
        int weekday = (h / 24 + 3) % 7, hour = h % 24; /* 1 is Monday */
        int weekend = weekday == 0 || weekday == 6, office = hour >= 8 && hour < 18, edge = hour == 7 || hour == 18 || hour == 19;
        sum += weekend ? 4 : office ? 100 : edge ? 40 : 8;
        hour_sums[h] = sum;
    }
}
/* The moment at which a share x / 2^32 of all flows has begun. */
static int64_t moment(uint64_t x) {
    uint64_t total = (uint64_t)hour_sums[HOURS - 1], place = x * total; /* 32 bits of fraction */
    int low = 0, high = HOURS - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if ((uint64_t)hour_sums[middle] << 32 <= place) low = middle + 1; else high = middle;
    }
    uint64_t before = low ? (uint64_t)hour_sums[low - 1] << 32 : 0, width = (uint64_t)hour_sums[low] - (before >> 32);
    return START_MS + (int64_t)low * 3600000 + (int64_t)((place - before) / width * 3600000 >> 32);
}
static void stamp(char out[28], int64_t ms) {
    static const uint32_t lengths[] = {31, 31, 30, 31}; /* July to October */
    uint32_t day = (uint32_t)((ms - START_MS) / 86400000), rest = (uint32_t)((ms - START_MS) % 86400000), month = 0;
    while (month < 3 && day >= lengths[month]) day -= lengths[month++];
    snprintf(out, 28, "2026-%02u-%02uT%02u:%02u:%02u.%03uZ", (7 + month) % 13, (day + 1) % 32, rest / 3600000 % 24, rest / 60000 % 60, rest / 1000 % 60, rest % 1000);
}

/* ---- the heap of lines that wait for their time ---- */
typedef struct { int64_t ms; uint64_t order; int source, needles, length; char *line; } Waiting;
static Waiting *heap;
static size_t heap_count, heap_room;
static uint64_t orders;
static int earlier(const Waiting *a, const Waiting *b) { return a->ms != b->ms ? a->ms < b->ms : a->order < b->order; }
static void push(int64_t ms, int source, int needles, const char *line, int length) {
    if (heap_count == heap_room) heap = realloc(heap, sizeof *heap * (heap_room = heap_room ? heap_room * 2 : 4096));
    char *copy = malloc((size_t)length);
    if (!heap || !copy) { fprintf(stderr, "generator: out of memory\n"); exit(3); }
    memcpy(copy, line, (size_t)length);
    Waiting w = {ms, orders++, source, needles, length, copy};
    size_t i = heap_count++;
    while (i && earlier(&w, &heap[(i - 1) / 2])) { heap[i] = heap[(i - 1) / 2]; i = (i - 1) / 2; }
    heap[i] = w;
}
static Waiting pop(void) {
    Waiting top = heap[0], last = heap[--heap_count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < heap_count; i = child) {
        if (child + 1 < heap_count && earlier(&heap[child + 1], &heap[child])) child++;
        if (!earlier(&heap[child], &last)) break;
        heap[i] = heap[child];
    }
    if (heap_count) heap[i] = last;
    return top;
}

/* ---- flows ---- */
typedef struct {
    Random r;
    Actor actor;
    const char *session;
    char correlation[28], request[24], trace[36], job[28], address[48];
    int needles, tenant, place, agent, plant_text, plant_event;
    int64_t ms;
} Flow;
static char line[MAX_LINE];

static void free_text(Flow *f, char *out, size_t room) {
    Random *r = &f->r;
    Actor other = actor_numbered((int)below(r, ACTORS));
    if (f->plant_text) { f->plant_text = 0; snprintf(out, room, "Reviewed under the %s with %s", NEEDLE_PHRASE, f->actor.first); return; }
    switch (below(r, 10)) {
    case 0: snprintf(out, room, "Mail sent to %s from %s", other.email, f->address); break;
    case 1: snprintf(out, room, "Shared with %s for review", other.email); break;
    case 2: snprintf(out, room, "Request came from %s", f->address); break;
    case 3: snprintf(out, room, "%s asked for a correction of invoice %u", f->actor.first, below(r, 90000) + 10000); break;
    case 4: snprintf(out, room, "Customer can be reached at +1 555 %03u %04u", below(r, 900) + 100, below(r, 10000)); break;
    case 5: snprintf(out, room, "Contact %s <%s>, ticket OPS-%u", other.name, other.email, below(r, 9000) + 1000); break;
    case 6: snprintf(out, room, "Amount changed from %u.00 to %u.00 EUR", below(r, 900) * 5, below(r, 900) * 5); break;
    default: snprintf(out, room, "%s", below(r, 2) ? "Closed as part of the monthly routine" : "Approved by rule, no further action"); break;
    }
}

static void okta_event(Flow *f, int64_t ms, int first) {
    Random *r = &f->r;
    const Action *a = &actions[OKTA][first ? 0 : pick(&action_law[OKTA], r)];
    char uuid[40], text[512], time[28], digits[36], targets[768] = "null";
    hex(digits, 32, r);
    snprintf(uuid, sizeof uuid, "%.8s-%.4s-4%.3s-8%.3s-%.12s", digits, digits + 8, digits + 13, digits + 17, digits + 20);
    int event = f->plant_event;
    if (event) { f->plant_event = 0; memcpy(uuid, NEEDLE_UUID, sizeof NEEDLE_UUID); }
    stamp(time, ms);
    if (chance(r, 12)) free_text(f, text, sizeof text); else snprintf(text, sizeof text, "%s", a->text);
    uint32_t fate = below(r, 100);
    const char *result = fate < 86 ? "SUCCESS" : fate < 92 ? "ALLOW" : fate < 98 ? "FAILURE" : "DENY", *severity = fate < 92 ? "INFO" : "WARN";
    char reason[64] = "null";
    if (fate >= 92) snprintf(reason, sizeof reason, "\"%s\"", PICK(FAILURES, fate));
    int app = pick(&app_law, r);
    if (chance(r, 15)) {
        Actor other = actor_numbered((int)below(r, ACTORS));
        snprintf(targets, sizeof targets, "[{\"id\":\"%s\",\"type\":\"User\",\"alternateId\":\"%s\",\"displayName\":\"%s\",\"detailEntry\":null},"
                 "{\"id\":\"0oa%017d\",\"type\":\"AppInstance\",\"alternateId\":\"app-%d\",\"displayName\":\"App %d\",\"detailEntry\":null}]",
                 other.okta_id, other.email, other.name, app, app, app);
    } else if (chance(r, 80)) {
        snprintf(targets, sizeof targets, "[{\"id\":\"0oa%017d\",\"type\":\"AppInstance\",\"alternateId\":\"app-%d\",\"displayName\":\"App %d\",\"detailEntry\":null}]", app, app, app);
    }
    const char *const *agent = AGENTS[f->agent], *const *place = PLACES[f->place];
    int version = strchr(f->address, ':') ? 6 : 4, asn = 64496 + f->place;
    int length = snprintf(line, sizeof line,
        "{\"actor\":{\"id\":\"%s\",\"type\":\"User\",\"alternateId\":\"%s\",\"displayName\":\"%s\",\"detailEntry\":null},"
        "\"client\":{\"userAgent\":{\"rawUserAgent\":\"%s\",\"os\":\"%s\",\"browser\":\"%s\"},\"zone\":\"null\",\"device\":\"%s\",\"id\":null,\"ipAddress\":\"%s\","
        "\"geographicalContext\":{\"city\":\"%s\",\"state\":\"%s\",\"country\":\"%s\",\"postalCode\":null,\"geolocation\":{\"lat\":%d.25,\"lon\":%d.5}}},"
        "\"authenticationContext\":{\"authenticationProvider\":null,\"credentialType\":%s,\"authenticationStep\":0,\"externalSessionId\":\"%s\"},"
        "\"displayMessage\":\"%s\",\"eventType\":\"%s\",\"outcome\":{\"result\":\"%s\",\"reason\":%s},\"published\":\"%s\","
        "\"securityContext\":{\"asNumber\":%d,\"asOrg\":\"network %d\",\"domain\":\"net%d.example\",\"isProxy\":%s},\"severity\":\"%s\","
        "\"debugContext\":{\"debugData\":{\"requestId\":\"%s\",\"requestUri\":\"/api/v1/%s\",\"threatSuspected\":\"false\"}},"
        "\"legacyEventType\":\"core.%.40s\",\"transaction\":{\"type\":\"WEB\",\"id\":\"%s\",\"detail\":{}},\"uuid\":\"%s\",\"version\":\"0\","
        "\"request\":{\"ipChain\":[{\"ip\":\"%s\",\"geographicalContext\":null,\"version\":\"V%d\",\"source\":null}]},\"target\":%s}\n",
        f->actor.okta_id, f->actor.email, f->actor.name, agent[0], agent[1], agent[2], f->agent >= 6 ? "Mobile" : "Computer", f->address, place[0], place[1], place[2], f->place + 40, f->place,
        first ? "\"PASSWORD\"" : "null", f->session, text, a->word, result, reason, time, asn, f->place, f->place, fate % 50 == 7 ? "true" : "false", severity, f->correlation,
        first ? "authn" : "sessions/me", a->word, f->correlation, uuid, f->address, version, targets);
    int planted = strstr(text, NEEDLE_PHRASE) ? NEEDLE_TEXT : 0;
    push(ms, OKTA, f->needles | planted | (event ? NEEDLE_EVENT : 0), line, length);
}

static void product_event(Flow *f, int64_t ms, int names_job) {
    Random *r = &f->r;
    const Action *a = &actions[PRODUCT][pick(&action_law[PRODUCT], r)];
    char id[20], record[20], text[640], message[700] = "", time[28], acting[128] = "", approval[320] = "", changes[160] = "", job[64] = "", trace[64] = "", policy[48] = "";
    hex(id, 16, r);
    hex(record, 8, r);
    stamp(time, ms);
    if (f->plant_text || chance(r, 22)) { free_text(f, text, sizeof text); snprintf(message, sizeof message, ",\"message\":\"%s\"", text); }
    if (chance(r, 60) || !f->request[0]) { memcpy(f->request, "req_", 4); hex(f->request + 4, 16, r); }
    if (f->actor.support) {
        Actor other = actor_numbered((int)below(r, ACTORS)), boss = actor_numbered((int)below(r, 400) * 40);
        char expires[28];
        stamp(expires, ms / 3600000 * 3600000 + 7200000);
        if (chance(r, 40)) snprintf(acting, sizeof acting, ",\"on_behalf_of\":\"%s\"", other.email);
        if (chance(r, 70)) snprintf(approval, sizeof approval, ",\"approval\":{\"state\":\"approved\",\"by\":\"%s\",\"ref\":\"OPS-%u\",\"expires\":\"%s\"}", boss.email, below(r, 9000) + 1000, expires);
    }
    if (chance(r, 8)) snprintf(changes, sizeof changes, ",\"changes\":[{\"field\":\"%s\",\"before\":\"%u\",\"after\":\"%u\"}]", below(r, 2) ? "limit" : "status", below(r, 50), below(r, 50));
    if (names_job) snprintf(job, sizeof job, ",\"job_id\":\"%s\"", f->job);
    if (f->trace[0]) snprintf(trace, sizeof trace, ",\"trace_id\":\"%s\"", f->trace);
    if (chance(r, 25)) snprintf(policy, sizeof policy, ",\"policy\":{\"id\":\"pol-%u\",\"version\":\"%u\"}", f->tenant % 9u, 1 + f->tenant % 3u);
    const char *object = PICK(OBJECTS, below(r, 8));
    const char *surface = f->actor.support ? "console" : chance(r, 65) ? "api" : "ui", *agent = surface[0] == 'a' ? "ledger-cli/3.2 python-requests/2.32.5" : AGENTS[f->agent][0];
    uint32_t fate = below(r, 100);
    int length = snprintf(line, sizeof line,
        "{\"v\":1,\"time\":\"%s\",\"id\":\"%s\",\"actor\":{\"type\":\"%s\",\"id\":\"%s\",\"email\":\"%s\",\"name\":\"%s\"%s%s},\"session\":\"%s\",\"action\":\"%s\","
        "\"targets\":[{\"type\":\"%s\",\"id\":\"%.3s_%s\",\"name\":\"%s %u\"}],\"tenant\":\"ten_%04d\",\"surface\":\"%s\",\"origin\":{\"ip\":\"%s\",\"user_agent\":\"%s\",\"host\":\"app-%u\"}%s%s,"
        "\"outcome\":\"%s\"%s,\"severity\":\"%s\"%s,\"request_id\":\"%s\"%s,\"correlation_id\":\"%s\"%s%s}\n",
        time, id, f->actor.support ? "support" : "user", f->actor.product_id, f->actor.email, f->actor.name, f->actor.support ? ",\"roles\":[\"support\",\"reader\"]" : PICK(ROLES, f->actor.traits), acting, f->session, a->word,
        object, object, record, object, below(r, 400), f->tenant, surface, f->address, agent, below(r, 8), approval, policy, fate < 95 ? "success" : fate < 98 ? "failure" : "denied", fate < 95 ? "" : ",\"reason\":\"rule not met\"", fate < 95 ? "info" : "warning", changes, f->request, trace,
        f->correlation, job, message);
    int planted = strstr(message, NEEDLE_PHRASE) ? NEEDLE_TEXT : 0;
    push(ms, PRODUCT, f->needles | planted | (f->tenant == EXPORT_TENANT ? TENANT_EXPORT : 0), line, length);
}

static void job_event(Flow *f, const Action *a, int64_t ms, const char *level, const char *text, int elapsed_ms, uint32_t worker) {
    char time[28], elapsed[32] = "", trace[64] = "", request[48] = "";
    stamp(time, ms);
    if (elapsed_ms) snprintf(elapsed, sizeof elapsed, ",\"elapsed\":%d.%03d", elapsed_ms / 1000, elapsed_ms % 1000);
    if (f->trace[0]) snprintf(trace, sizeof trace, ",\"trace_id\":\"%s\"", f->trace);
    if (f->request[0]) snprintf(request, sizeof request, ",\"request_id\":\"%s\"", f->request);
    int length = snprintf(line, sizeof line,
        "{\"ts\":\"%s\",\"pid\":%u,\"tid\":\"t%u\",\"lvl\":\"%s\",\"msg\":\"%s\",\"hostname\":\"worker-%u.internal.example\",\"ctx\":{\"jid\":\"%s\",\"class\":\"%s\",\"queue\":\"%s\",\"retry\":true,"
        "\"tags\":[\"tenant-%d\",\"scheduled\"]%s%s,\"correlation_id\":\"%s\"%s}}\n",
        time, 100 + worker / 8, worker, level, text, worker / 8, f->job, a->word, worker % 3 ? "default" : "low", f->tenant, request, trace, f->correlation, elapsed);
    int planted = strstr(text, NEEDLE_PHRASE) ? NEEDLE_TEXT : 0;
    push(ms, JOBS, (f->needles & ~(NEEDLE_ACTOR | NEEDLE_ADDRESS)) | planted, line, length); /* a job names neither actor nor address */
}

static uint32_t by_hundredths(Random *r, const uint32_t *shares) {
    uint32_t x = below(r, 100), i = 0;
    while (x >= shares[i]) x -= shares[i++];
    return i;
}

static const char *session_of(Flow *f, int64_t ms, int *fresh) {
    Session *s = &sessions[f->actor.number];
    *fresh = !s->id[0] || ms > s->until;
    if (*fresh) {
        memcpy(s->id, "102", 3);
        base62(s->id + 3, 16, &f->r);
        s->until = ms + 8 * 3600000;
    }
    return s->id;
}

static void flow(uint64_t seed, int64_t number, int64_t flows) {
    static const uint32_t okta_shares[] = {25, 15, 20, 20, 15, 5}, product_shares[] = {10, 20, 25, 20, 15, 5, 5};
    Flow f = {.r = {mix(seed * 0x2545f4914f6cdd1du + (uint64_t)number)}};
    Random *r = &f.r;
    uint32_t okta = by_hundredths(r, okta_shares), product = by_hundredths(r, product_shares), with_job = chance(r, 60);
    f.ms = moment((((uint64_t)number << 32) + (next(r) >> 32)) / (uint64_t)flows);
    int actor = (int)(((uint64_t)pick(&actor_law, r) * 7919 + 13) % ACTORS);
    if (number % (flows / ACTOR_FLOWS) == flows / ACTOR_FLOWS / 2) { actor = ACTORS; f.needles |= NEEDLE_ACTOR; }
    f.actor = actor_numbered(actor);
    address_of(&f.actor, r, f.address);
    if (number % (flows / ADDRESS_FLOWS) == flows / ADDRESS_FLOWS / 3) { snprintf(f.address, sizeof f.address, "%s", NEEDLE_IP); f.needles |= NEEDLE_ADDRESS; }
    base62(f.correlation, 20, r);
    if (number == flows / 2) {
        f.needles |= NEEDLE_CORRELATION;
        okta = 3, product = 4, with_job = f.plant_event = 1;
        memcpy(f.correlation, NEEDLE_CORRELATION_ID, sizeof NEEDLE_CORRELATION_ID);
    }
    if (number % (flows / TEXT_FLOWS) == flows / TEXT_FLOWS / 5) { f.plant_text = 1; product += product == 0; }
    if (okta + product == 0) product = 1;
    f.place = (int)(f.actor.traits >> 8 & 0xffff) % (int)COUNT(PLACES);
    f.agent = (int)((f.actor.traits >> 24 & 0xffff) + chance(r, 10)) % (int)COUNT(AGENTS);
    f.tenant = f.actor.support ? pick(&tenant_law, r) : f.actor.tenant;
    if (chance(r, 10)) hex(f.trace, 32, r);
    hex(f.job, 24, r);
    int fresh;
    f.session = session_of(&f, f.ms, &fresh);

    int64_t ms = f.ms;
    for (uint32_t i = 0; i < okta; i++, ms += 40 + below(r, 1500)) okta_event(&f, ms, i == 0 && fresh);
    for (uint32_t i = 0; i < product; i++, ms += 200 + below(r, 45000)) product_event(&f, ms, with_job && i + 1 == product);
    if (!with_job) return;
    const Action *a = &actions[JOBS][pick(&action_law[JOBS], r)];
    uint32_t worker = below(r, 64), shape = below(r, 100);
    int elapsed = 20 + (int)below(r, 1u << (6 + below(r, 10)));
    char text[512];
    job_event(&f, a, ms += 5 + below(r, 3000), "INFO", "start", 0, worker);
    if (shape >= 55) { free_text(&f, text, sizeof text); job_event(&f, a, ms + elapsed / 3, shape < 75 ? "WARN" : "INFO", text, 0, worker); }
    if (shape >= 95) job_event(&f, a, ms + elapsed / 2, "INFO", "Retrying after a lost connection", 0, worker);
    if (shape % 16 == 0) job_event(&f, a, ms + elapsed, "ERROR", "fail", elapsed, worker);
    else job_event(&f, a, ms + elapsed, "INFO", "done", elapsed, worker);
}

static void read_actions(const char *path) {
    FILE *in = fopen(path, "r");
    if (!in) { fprintf(stderr, "generator: %s: %s\n", path, strerror(errno)); exit(2); }
    char row[512], source[32], word[80], action[48], category[64], text[80];
    while (fgets(row, sizeof row, in)) {
        if (row[0] == '#' || sscanf(row, "%31[^\t]\t%79[^\t]\t%47[^\t]\t%63[^\t]\t%79[^\n]", source, word, action, category, text) != 5) continue;
        int s = !strcmp(source, "okta") ? OKTA : !strcmp(source, "product_audit") ? PRODUCT : JOBS;
        Action *a = &actions[s][action_count[s]++];
        memcpy(a->word, word, sizeof word);
        memcpy(a->action, action, sizeof action);
        memcpy(a->text, text, sizeof text);
    }
    fclose(in);
}

int main(int argc, char **argv) {
    if (argc != 5) { fprintf(stderr, "usage: generator FOLDER EVENTS SEED ACTIONS.TSV\n"); return 2; }
    int64_t events = atoll(argv[2]), written = 0, counts[SOURCES] = {0}, bytes[SOURCES] = {0}, needles[NEEDLES] = {0};
    uint64_t seed = strtoull(argv[3], NULL, 10);
    if (events < 2000) { fprintf(stderr, "generator: at least 2,000 events\n"); return 2; }
    read_actions(argv[4]);
    actor_law = zipf(ACTORS, 1);
    tenant_law = zipf(TENANTS, 1);
    app_law = zipf(300, 1);
    for (int s = 0; s < SOURCES; s++) action_law[s] = zipf(action_count[s], 2);
    sessions = calloc(ACTORS + 1, sizeof *sessions);
    make_calendar();
    FILE *out[SOURCES];
    char path[4096];
    for (int s = 0; s < SOURCES; s++) {
        snprintf(path, sizeof path, "%s/%s", argv[1], FILES[s]);
        if (!(out[s] = fopen(path, "wb"))) { fprintf(stderr, "generator: %s: %s\n", path, strerror(errno)); return 3; }
        setvbuf(out[s], NULL, _IOFBF, 1 << 20);
    }
    int64_t flows = events * 100 / 592 + 40, number = 0; /* 5.96 events a flow */
    int64_t begins = START_MS;
    while (written < events) {
        /* The next flow begins no earlier than the one before it; a line may leave once no flow can begin before it. */
        while (number < flows && (heap_count == 0 || heap[0].ms >= begins)) {
            flow(seed, number++, flows);
            begins = moment(((uint64_t)number << 32) / (uint64_t)flows);
        }
        if (heap_count == 0) { fprintf(stderr, "generator: the flows ended after %lld events\n", (long long)written); return 3; }
        Waiting w = pop();
        if (fwrite(w.line, 1, (size_t)w.length, out[w.source]) != (size_t)w.length) { fprintf(stderr, "generator: %s\n", strerror(errno)); return 3; }
        counts[w.source]++;
        bytes[w.source] += w.length;
        for (int n = 0; n < NEEDLES; n++) needles[n] += w.needles >> n & 1;
        free(w.line);
        written++;
    }
    for (int s = 0; s < SOURCES; s++) if (fclose(out[s])) { fprintf(stderr, "generator: %s\n", strerror(errno)); return 3; }
    snprintf(path, sizeof path, "%s/facts.json", argv[1]);
    FILE *facts = fopen(path, "w");
    if (!facts) { fprintf(stderr, "generator: %s\n", strerror(errno)); return 3; }
    fprintf(facts, "{\"events\":%lld,\"seed\":%llu,\"files\":{", (long long)events, (unsigned long long)seed);
    for (int s = 0; s < SOURCES; s++) fprintf(facts, "%s\"%s\":{\"events\":%lld,\"bytes\":%lld}", s ? "," : "", FILES[s], (long long)counts[s], (long long)bytes[s]);
    fprintf(facts, "},\"needles\":{");
    for (int n = 0; n < NEEDLES; n++) fprintf(facts, "%s\"%s\":%lld", n ? "," : "", NEEDLE_NAMES[n], (long long)needles[n]);
    fprintf(facts, "},\"values\":{\"actor\":\"%s\",\"address\":\"%s\",\"correlation\":\"%s\",\"text\":\"%s\",\"event\":\"%s\",\"tenant\":\"ten_%04d\"}}\n",
            NEEDLE_EMAIL, NEEDLE_IP, NEEDLE_CORRELATION_ID, NEEDLE_PHRASE, NEEDLE_UUID, EXPORT_TENANT);
    return fclose(facts) ? 3 : 0;
}
