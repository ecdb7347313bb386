/* A closed-loop load generator: each client sends its next request when it has the answer to the last.
 *
 *   load uwsgi|http SOCKET|IPV4:PORT [-c CLIENTS] [-d SECONDS] [-n MOST_REQUESTS] [-p PATH] [-H HOST]
 *
 * uwsgi: a connection per request, as nginx makes them. http: HTTP/1.1, each client keeps its connection.
 * One thread, epoll. Prints one line: requests errors seconds p50_us p99_us
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST_HEAD 4096 /* bytes of a response that are looked at */

struct client {
    int fd; /* -1 while it could not connect: it tries again at the next turn */
    size_t sent;
    uint64_t started;
    size_t received;
    size_t expected; /* bytes of the whole answer; 0 while its head is not complete */
    char answer[MOST_HEAD + 1];
};

static struct sockaddr_storage address;
static socklen_t address_length;
static int keeps_connection;
static char request[8192];
static size_t request_length;
static uint32_t *latency;
static size_t done, latency_room;
static uint64_t errors;
static int ep;

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void put_string(char **p, const char *s) {
    size_t n = strlen(s);
    *(*p)++ = (char)(n & 255);
    *(*p)++ = (char)(n >> 8);
    memcpy(*p, s, n);
    *p += n;
}

/* What nginx sends by its stock uwsgi_params, for a client that sends the fields that curl sends. */
static void build_uwsgi(const char *path, const char *host) {
    const char *pairs[][2] = {
        {"QUERY_STRING", ""}, {"REQUEST_METHOD", "GET"}, {"CONTENT_TYPE", ""}, {"CONTENT_LENGTH", ""},
        {"REQUEST_URI", path}, {"PATH_INFO", path}, {"DOCUMENT_ROOT", "/usr/share/nginx/html"},
        {"SERVER_PROTOCOL", "HTTP/1.1"}, {"REQUEST_SCHEME", "http"}, {"REMOTE_ADDR", "127.0.0.1"},
        {"REMOTE_PORT", "40000"}, {"SERVER_PORT", "8080"}, {"SERVER_NAME", "localhost"},
        {"HTTP_HOST", host}, {"HTTP_USER_AGENT", "load/1.0"}, {"HTTP_ACCEPT", "*/*"},
    };
    char *p = request + 4;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        put_string(&p, pairs[i][0]);
        put_string(&p, pairs[i][1]);
    }
    size_t size = (size_t)(p - request) - 4;
    request[0] = 0; /* modifier1 */
    request[1] = (char)(size & 255);
    request[2] = (char)(size >> 8);
    request_length = 4 + size;
}

static void build_http(const char *path, const char *host) {
    request_length = (size_t)snprintf(request, sizeof request,
                                      "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: load/1.0\r\nAccept: */*\r\n\r\n", path, host);
}

static int resolve(const char *s) {
    const char *colon = strrchr(s, ':');
    if (s[0] == '/' || colon == NULL) {
        struct sockaddr_un *u = (struct sockaddr_un *)&address;
        u->sun_family = AF_UNIX;
        snprintf(u->sun_path, sizeof u->sun_path, "%s", s);
        address_length = sizeof *u;
        return strlen(s) < sizeof u->sun_path;
    }
    struct sockaddr_in *a = (struct sockaddr_in *)&address;
    char host[64];
    snprintf(host, sizeof host, "%.*s", (int)(colon - s), s);
    a->sin_family = AF_INET;
    a->sin_port = htons((uint16_t)atoi(colon + 1));
    address_length = sizeof *a;
    return inet_pton(AF_INET, host, &a->sin_addr) == 1;
}

/* Whether the request is on its way; else epoll tells when to go on. Errors show up when the answer is read. */
static int push_out(struct client *c) {
    while (c->sent < request_length) {
        ssize_t n = send(c->fd, request + c->sent, request_length - c->sent, MSG_NOSIGNAL);
        if (n < 0) {
            return errno != EAGAIN && errno != ENOTCONN;
        }
        c->sent += (size_t)n;
    }
    return 1;
}

static void begin(struct client *c) {
    c->sent = c->received = c->expected = 0;
    c->started = now_us();
}

static void watch(struct client *c, int operation, int sent) {
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | (sent ? 0 : EPOLLOUT), .data.ptr = c};
    epoll_ctl(ep, operation, c->fd, &e);
}

static void open_client(struct client *c) {
    c->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        perror("socket");
        exit(1);
    }
    if (connect(c->fd, (struct sockaddr *)&address, address_length) < 0 && errno != EINPROGRESS) {
        if (errno != EAGAIN) { /* which says that the listen queue is full: waiting for it counts into the latency */
            errors++;
        }
        close(c->fd);
        c->fd = -1;
        return;
    }
    if (address.ss_family == AF_INET) {
        int yes = 1;
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    watch(c, EPOLL_CTL_ADD, push_out(c));
}

static void count(struct client *c, int ok) {
    if (!ok) {
        errors++;
        return;
    }
    if (done == latency_room) {
        latency_room = latency_room ? latency_room * 2 : 1 << 16;
        latency = realloc(latency, latency_room * sizeof *latency);
        if (latency == NULL) {
            exit(1);
        }
    }
    latency[done++] = (uint32_t)(now_us() - c->started);
}

static int is_200(struct client *c) {
    return c->received > 12 && memcmp(c->answer + 8, " 200", 4) == 0;
}

static void reopen(struct client *c) {
    close(c->fd);
    begin(c);
    open_client(c);
}

/* Looks for the end of the head and for its Content-Length. */
static void expect_answer(struct client *c) {
    size_t have = c->received < MOST_HEAD ? c->received : MOST_HEAD;
    c->answer[have] = 0;
    char *end = strstr(c->answer, "\r\n\r\n");
    char *length = strcasestr(c->answer, "\r\nContent-Length:");
    if (end != NULL && length != NULL && length < end) {
        c->expected = (size_t)(end + 4 - c->answer) + strtoul(length + 17, NULL, 10);
    }
}

static void take_in(struct client *c) {
    static char buffer[1 << 16];
    for (;;) {
        ssize_t n = read(c->fd, buffer, sizeof buffer);
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n <= 0) { /* the answer's end in uwsgi, a failure in http */
            count(c, !keeps_connection && n == 0 && is_200(c));
            reopen(c);
            return;
        }
        if (c->received < MOST_HEAD) {
            size_t room = MOST_HEAD - c->received;
            memcpy(c->answer + c->received, buffer, (size_t)n < room ? (size_t)n : room);
        }
        c->received += (size_t)n;
        if (!keeps_connection) {
            continue;
        }
        if (c->expected == 0) {
            expect_answer(c);
        }
        if (c->expected > 0 && c->received >= c->expected) {
            count(c, is_200(c) && c->received == c->expected);
            begin(c);
            if (!push_out(c)) {
                watch(c, EPOLL_CTL_MOD, 0);
            }
            return;
        }
    }
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static uint32_t percentile(double p) {
    return done == 0 ? 0 : latency[(size_t)(p * (double)(done - 1))];
}

static int usage(void) {
    fprintf(stderr, "load uwsgi|http SOCKET|IPV4:PORT [-c CLIENTS] [-d SECONDS] [-n MOST_REQUESTS] [-p PATH] [-H HOST]\n");
    return 64;
}

int main(int argc, char **argv) {
    const char *path = "/hello", *host = "localhost";
    long clients = 64, seconds = 5, most = 100000000;
    for (int o; (o = getopt(argc, argv, "c:d:n:p:H:")) != -1;) {
        switch (o) {
        case 'c': clients = atol(optarg); break;
        case 'd': seconds = atol(optarg); break;
        case 'n': most = atol(optarg); break;
        case 'p': path = optarg; break;
        case 'H': host = optarg; break;
        default: return usage();
        }
    }
    if (argc - optind != 2 || strlen(path) + strlen(host) > 2000 || clients < 1 || !resolve(argv[optind + 1])) {
        return usage();
    }
    keeps_connection = strcmp(argv[optind], "http") == 0;
    if (keeps_connection) {
        build_http(path, host);
    } else {
        build_uwsgi(path, host);
    }
    ep = epoll_create1(EPOLL_CLOEXEC);
    struct client *all = calloc((size_t)clients, sizeof *all);
    if (ep < 0 || all == NULL) {
        perror("load");
        return 1;
    }
    uint64_t from = now_us(), until = from + (uint64_t)seconds * 1000000u, t;
    for (long i = 0; i < clients; i++) {
        begin(&all[i]);
        open_client(&all[i]);
    }
    struct epoll_event events[256];
    while ((t = now_us()) < until && (long)done < most) {
        int n = epoll_wait(ep, events, 256, 1);
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            if ((events[i].events & EPOLLOUT) && push_out(c)) {
                watch(c, EPOLL_CTL_MOD, 1);
            }
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
                take_in(c);
            }
        }
        for (long i = 0; i < clients; i++) {
            if (all[i].fd < 0) {
                open_client(&all[i]);
            }
        }
    }
    qsort(latency, done, sizeof *latency, by_value);
    printf("%zu %llu %.3f %u %u\n", done, (unsigned long long)errors, (double)(t - from) / 1e6, percentile(0.5),
           percentile(0.99));
    return 0;
}
