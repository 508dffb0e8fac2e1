/* SPDX-License-Identifier: Apache-2.0 */
/* Probes on the functions of OpenSSL in files: in all processes that have them mapped, or will. */
#ifndef FLAREPATH_TLS_PROBES_H
#define FLAREPATH_TLS_PROBES_H

#include <linux/types.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "tls_function.h"

/* Files that are probed at once, and places in one. */
#define TLS_FILES_MAX 128
#define TLS_PLACES_MAX 16

/* Where functions of one file begin, and which ones they are. */
struct tls_places {
	__u32 count;
	__u64 offsets[TLS_PLACES_MAX]; /* in the file */
	__u64 functions[TLS_PLACES_MAX];
};

struct tls_file {
	bool used;
	int file; /* keeps it what it is */
	int links[2];
	struct tls_places places[2]; /* at whose entries, and at whose returns */
};

struct tls_probes {
	pthread_mutex_t lock;
	int programs[2]; /* at entries, at returns; not theirs to close */
	bool attached;
	struct tls_file files[TLS_FILES_MAX];
};

void tls_probes_open(struct tls_probes *probes, int entered, int returned);
void tls_probes_close(struct tls_probes *probes);

/* Probes a file; its number, or -1. The descriptor is copied. */
int tls_probes_add(struct tls_probes *probes, int file, const struct tls_places *places,
		   struct failure *failure);
void tls_probes_remove(struct tls_probes *probes, int number);

/* Takes the probes of all files out of the way, or back in. */
int tls_probes_attach(struct tls_probes *probes, bool attached, struct failure *failure);

#endif
