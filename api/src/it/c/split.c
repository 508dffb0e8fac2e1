/* Spends 60, 30 and 10 % of its CPU time in three functions, and prints what the kernel counted for it, in user and
 * in kernel mode, in microseconds, and how often a sampler of the kernel's own, with Flarepath's period, met it: where
 * the host of a virtual CPU takes it away, the clock's interrupts fail to come, for every sampler alike.
 *
 * usage: split SECONDS PERIOD_NANOSECONDS [kernel]   With "kernel", a fourth part of the time goes to system calls. */
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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

/* Records that are a header each, in a ring that may be written over: its head counts their bytes. */
static struct perf_event_mmap_page *sample_self(unsigned long period) {
    struct perf_event_attr attr = {
        .size = sizeof(attr),
        .type = PERF_TYPE_SOFTWARE,
        .config = PERF_COUNT_SW_CPU_CLOCK,
        .sample_period = period,
    };
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    int event = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    void *ring = event < 0 ? MAP_FAILED : mmap(NULL, 2 * page, PROT_READ, MAP_SHARED, event, 0);
    if (ring == MAP_FAILED) {
        perror("cannot sample myself");
        exit(3);
    }
    return ring;
}

int main(int argc, char **argv) {
    if (argc < 3) return 4;
    struct perf_event_mmap_page *ring = sample_self(strtoul(argv[2], NULL, 10));
    double until = now() + atof(argv[1]);
    int kernel = argc > 3 && strcmp(argv[3], "kernel") == 0;
    int zero = open("/dev/zero", O_RDONLY);
    static char page[65536];
    while (now() < until) {
        sixty();
        thirty();
        ten();
        if (kernel) syscalls(zero, page);
    }
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    printf("%ld %ld %llu\n", r.ru_utime.tv_sec * 1000000L + r.ru_utime.tv_usec,
           r.ru_stime.tv_sec * 1000000L + r.ru_stime.tv_usec,
           (unsigned long long)ring->data_head / sizeof(struct perf_event_header));
    return 0;
}
