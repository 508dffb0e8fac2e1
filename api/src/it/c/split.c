/* Spends 60, 30 and 10 % of its CPU time in three functions, and prints what the kernel counted for it, in user and
 * in kernel mode, and how much of that the host of a virtual CPU kept to itself: rounds, which are all the same, that
 * took much more of it than others. Microseconds.
 *
 * usage: split SECONDS [kernel]   With "kernel", a fourth part of the time goes to system calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

static volatile unsigned long sink;

#define WORK(n)                                   \
    do {                                          \
        unsigned long x = sink;                   \
        for (unsigned long i = 0; i < (n); i++) { \
            x = x * 6364136223846793005UL + i;    \
            __asm__ volatile("" : "+r"(x));       \
        }                                         \
        sink = x;                                 \
    } while (0)

__attribute__((noinline)) void sixty(void) { WORK(600000UL); }
__attribute__((noinline)) void thirty(void) { WORK(300000UL); }
__attribute__((noinline)) void ten(void) { WORK(100000UL); }

__attribute__((noinline)) void syscalls(int zero, char *page) {
    for (int i = 0; i < 200; i++) {
        if (read(zero, page, 65536) < 0) exit(2);
    }
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double used(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

/* What rounds took beyond one and a half times the middle one. */
static double taken_away(double *rounds, size_t count) {
    double sum = 0;
    qsort(rounds, count, sizeof(*rounds), compare);
    for (size_t i = count / 2; i < count; i++) {
        double more = rounds[i] - 1.5 * rounds[count / 2];
        if (more > 0) sum += more;
    }
    return sum;
}

#define ROUNDS 100000

int main(int argc, char **argv) {
    static double rounds[ROUNDS];
    size_t count = 0;
    double until = now() + (argc > 1 ? atof(argv[1]) : 10);
    int kernel = argc > 2 && strcmp(argv[2], "kernel") == 0;
    int zero = open("/dev/zero", O_RDONLY);
    static char page[65536];
    while (now() < until) {
        double before = used();
        sixty();
        thirty();
        ten();
        if (kernel) syscalls(zero, page);
        if (count < ROUNDS) rounds[count++] = used() - before;
    }
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    printf("%ld %ld %.0f\n", r.ru_utime.tv_sec * 1000000L + r.ru_utime.tv_usec,
           r.ru_stime.tv_sec * 1000000L + r.ru_stime.tv_usec, taken_away(rounds, count) * 1e6);
    return 0;
}
