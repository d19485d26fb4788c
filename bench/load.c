/* A load generator for one core: many mutual-TLS connections, one request in flight on each, epoll and OpenSSL.
 *
 *   load HOST PORT CERT KEY CA CONNECTIONS SECONDS MODE REQUESTS
 *
 * MODE is keep (connections stay), new (a connection for each request) or idle (connect, say `ready`, wait for the end
 * of standard input). REQUESTS is a file of requests, each preceded by a line with its length; connection i sends
 * request i modulo their number. Each run of eight # is filled with a counter, so that no two writes are alike.
 * It prints one line of JSON: requests, errors (no answer, or none of 2xx), seconds, p50 and p99 in milliseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM 262144
#define MARKS 32
#define DIGITS 8
#define SAMPLES 4000000

enum stage { CLOSED, CONNECTING, SHAKING, SENDING, READING, RESTING };

struct text { char *bytes; size_t length; size_t marks[MARKS], count; };

struct line {
    int fd;
    SSL *tls;
    enum stage stage;
    double began;
    struct text request;
    size_t sent, got;
    long want;
    char *answer;
};

static SSL_CTX *context;
static struct sockaddr_in where;
static int poll_fd, keep, idle;
static struct text *requests;
static size_t request_count;
static unsigned long counter;
static long done, errors, ready;
static double *samples;

static double now(void)
{
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return moment.tv_sec + moment.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    ERR_print_errors_fp(stderr);
    exit(2);
}

static void read_requests(const char *name)
{
    FILE *file = fopen(name, "rb");
    size_t length;
    if (!file) fail(name);
    while (fscanf(file, "%zu", &length) == 1) {
        struct text one = {0};
        fgetc(file);
        one.bytes = malloc(length);
        one.length = fread(one.bytes, 1, length, file);
        if (one.length != length) fail("a request is short");
        for (char *mark = one.bytes; one.count < MARKS; mark += DIGITS) {
            mark = memmem(mark, one.bytes + length - mark, "########", DIGITS);
            if (!mark) break;
            one.marks[one.count++] = mark - one.bytes;
        }
        requests = realloc(requests, (request_count + 1) * sizeof *requests);
        requests[request_count++] = one;
    }
    fclose(file);
    if (!request_count) fail("no request");
}

static void fill(struct text *one)
{
    char text[DIGITS + 1];
    snprintf(text, sizeof text, "%08lu", ++counter % 100000000);
    for (size_t at = 0; at < one->count; at++) memcpy(one->bytes + one->marks[at], text, DIGITS);
}

static void watch(struct line *line, uint32_t events, int how)
{
    struct epoll_event event = {.events = events, .data.ptr = line};
    if (epoll_ctl(poll_fd, how, line->fd, &event)) fail("epoll");
}

static void open_line(struct line *line)
{
    int yes = 1;
    line->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (line->fd < 0) fail("socket");
    setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(line->fd, (struct sockaddr *)&where, sizeof where) && errno != EINPROGRESS) fail("connect");
    line->tls = SSL_new(context);
    SSL_set_fd(line->tls, line->fd);
    SSL_set_connect_state(line->tls);
    line->stage = CONNECTING;
    line->began = now();
    watch(line, EPOLLOUT, EPOLL_CTL_ADD);
}

static void close_line(struct line *line, int wrong)
{
    struct linger hard = {1, 0};
    errors += wrong;
    SSL_free(line->tls);
    setsockopt(line->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(line->fd);
    line->stage = CLOSED;
}

static void begin(struct line *line)
{
    if (line->request.count) fill(&line->request);
    line->sent = line->got = 0;
    line->want = -1;
    line->stage = SENDING;
    if (keep) line->began = now();
}

/* The whole length of an answer, once its head is there; -1 before. */
static long length_of(struct line *line)
{
    char *end = memmem(line->answer, line->got, "\r\n\r\n", 4);
    char *field;
    if (!end) return -1;
    *end = 0;
    field = strcasestr(line->answer, "\r\ncontent-length:");
    *end = '\r';
    return end + 4 - line->answer + (field ? atol(field + 17) : 0);
}

static void finish(struct line *line)
{
    int good = line->got > 12 && line->answer[9] == '2';
    if (!good) {
        if (!errors) fprintf(stderr, "load: %.*s\n", (int)(line->got < 600 ? line->got : 600), line->answer);
        errors++;
    } else if (done < SAMPLES) samples[done++] = now() - line->began;
    if (keep) begin(line);
    else { close_line(line, 0); open_line(line); }
}

static int blocked(struct line *line, int outcome)
{
    int why = SSL_get_error(line->tls, outcome);
    if (why == SSL_ERROR_WANT_READ) watch(line, EPOLLIN, EPOLL_CTL_MOD);
    else if (why == SSL_ERROR_WANT_WRITE) watch(line, EPOLLOUT, EPOLL_CTL_MOD);
    else { close_line(line, 1); if (!idle) open_line(line); }
    return 1;
}

static void advance(struct line *line)
{
    for (;;) {
        int outcome;
        if (line->stage == CONNECTING) line->stage = SHAKING;
        if (line->stage == SHAKING) {
            if ((outcome = SSL_do_handshake(line->tls)) != 1) { blocked(line, outcome); return; }
            if (idle) { line->stage = RESTING; ready++; watch(line, 0, EPOLL_CTL_MOD); return; }
            begin(line);
        }
        if (line->stage == SENDING) {
            outcome = SSL_write(line->tls, line->request.bytes + line->sent, line->request.length - line->sent);
            if (outcome <= 0) { blocked(line, outcome); return; }
            line->sent += outcome;
            if (line->sent == line->request.length) line->stage = READING;
            continue;
        }
        if (line->stage != READING) return;
        outcome = SSL_read(line->tls, line->answer + line->got, ROOM - 1 - line->got);
        if (outcome <= 0) { blocked(line, outcome); return; }
        line->got += outcome;
        if (line->want < 0) line->want = length_of(line);
        if (line->want >= 0 && (long)line->got >= line->want) finish(line);
    }
}

static int ascending(const void *one, const void *other)
{
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

static void prepare(char **argv)
{
    struct rlimit files;
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    if (!SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0")) fail("cipher");
    if (SSL_CTX_use_certificate_chain_file(context, argv[3]) != 1) fail(argv[3]);
    if (SSL_CTX_use_PrivateKey_file(context, argv[4], SSL_FILETYPE_PEM) != 1) fail(argv[4]);
    if (SSL_CTX_load_verify_locations(context, argv[5], NULL) != 1) fail(argv[5]);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    where.sin_family = AF_INET;
    where.sin_port = htons(atoi(argv[2]));
    inet_pton(AF_INET, argv[1], &where.sin_addr);
}

static struct text copied(struct text from)
{
    struct text made = from;
    made.bytes = malloc(from.length);
    memcpy(made.bytes, from.bytes, from.length);
    return made;
}

int main(int argc, char **argv)
{
    struct epoll_event events[256];
    double start, end;
    int count;
    if (argc != 10) { fprintf(stderr, "usage: see the head of load.c\n"); return 2; }
    count = atoi(argv[6]);
    keep = !strcmp(argv[8], "keep");
    idle = !strcmp(argv[8], "idle");
    prepare(argv);
    read_requests(argv[9]);
    counter = (unsigned long)(now() * 1000) % 1000000 * 1000000;
    samples = malloc(SAMPLES * sizeof *samples);
    poll_fd = epoll_create1(0);
    struct line *lines = calloc(count, sizeof *lines);
    start = now();
    end = start + atof(argv[7]);
    for (int at = 0; at < count; at++) {
        lines[at].request = copied(requests[at % request_count]);
        lines[at].answer = malloc(idle ? 1 : ROOM);
        open_line(&lines[at]);
    }
    while (now() < end && !(idle && ready + errors >= count)) {
        int found = epoll_wait(poll_fd, events, 256, 100);
        for (int at = 0; at < found; at++) advance(events[at].data.ptr);
    }
    if (idle) {
        printf("{\"ready\": %ld, \"errors\": %ld}\n", ready, errors);
        fflush(stdout);
        while (getchar() != EOF) {}
        return 0;
    }
    end = now();
    qsort(samples, done, sizeof *samples, ascending);
    printf("{\"requests\": %ld, \"errors\": %ld, \"seconds\": %.3f, \"rate\": %.1f, \"p50\": %.3f, \"p99\": %.3f}\n", done,
           errors, end - start, done / (end - start), done ? samples[done / 2] * 1e3 : 0, done ? samples[done * 99 / 100] * 1e3 : 0);
    return 0;
}
