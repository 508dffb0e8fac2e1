// SPDX-License-Identifier: Apache-2.0
#include "tls_probes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "uprobe_multi.h"

static const char cure[] =
	"the kernel needs version 6.6 or later. Set requests.tls=false to do without what TLS carries";

enum { ENTRIES, RETURNS };

void tls_probes_open(struct tls_probes *probes, int entered, int returned)
{
	memset(probes, 0, sizeof(*probes));
	pthread_mutex_init(&probes->lock, NULL);
	probes->programs[ENTRIES] = entered;
	probes->programs[RETURNS] = returned;
	probes->attached = true;
}

static void detach(struct tls_file *file)
{
	for (int side = ENTRIES; side <= RETURNS; side++) {
		if (file->links[side] >= 0)
			close(file->links[side]);
		file->links[side] = -1;
	}
}

/* Returns first: else a call would be taken for underway that is not heard of again. */
static int attach(const struct tls_probes *probes, struct tls_file *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file->file);
	for (int side = RETURNS; side >= ENTRIES; side--) {
		const struct tls_places *places = &file->places[side];
		int link;

		if (!places->count || file->links[side] >= 0)
			continue;
		link = uprobe_multi_attach(probes->programs[side], path, places->offsets,
					   places->functions, places->count, side == RETURNS);
		if (link < 0) {
			detach(file);
			return link;
		}
		file->links[side] = link;
	}
	return 0;
}

static void forget(struct tls_file *file)
{
	detach(file);
	if (file->file >= 0)
		close(file->file);
	memset(file, 0, sizeof(*file));
}

void tls_probes_close(struct tls_probes *probes)
{
	for (int number = 0; number < TLS_FILES_MAX; number++)
		if (probes->files[number].used)
			forget(&probes->files[number]);
	pthread_mutex_destroy(&probes->lock);
}

static void add_place(struct tls_places *places, __u64 offset, __u64 function)
{
	if (places->count >= TLS_PLACES_MAX)
		return;
	places->offsets[places->count] = offset;
	places->functions[places->count++] = function;
}

static int add(struct tls_probes *probes, int fd, const struct tls_places *places, int number,
	       struct failure *failure)
{
	struct tls_file *file = &probes->files[number];
	int error;

	if (probes->programs[ENTRIES] < 0 || probes->programs[RETURNS] < 0)
		return fail(failure, ENOTSUP, cure, "probe OpenSSL, without programs for it");
	*file = (struct tls_file){.used = true, .links = {-1, -1}};
	for (__u32 i = 0; i < places->count; i++) {
		if (places->functions[i] != TLS_NEW)
			add_place(&file->places[ENTRIES], places->offsets[i], places->functions[i]);
		if (places->functions[i] != TLS_CLEAR)
			add_place(&file->places[RETURNS], places->offsets[i], places->functions[i]);
	}
	file->file = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	error = file->file < 0 ? -errno : probes->attached ? attach(probes, file) : 0;
	if (!error)
		return number;
	forget(file);
	return fail(failure, error, cure, "probe the functions of OpenSSL in a file");
}

int tls_probes_add(struct tls_probes *probes, int file, const struct tls_places *places,
		   struct failure *failure)
{
	int number = 0, result;

	pthread_mutex_lock(&probes->lock);
	while (number < TLS_FILES_MAX && probes->files[number].used)
		number++;
	result = number < TLS_FILES_MAX
			 ? add(probes, file, places, number, failure)
			 : fail(failure, ENOSPC, "", "probe more than %d files", TLS_FILES_MAX);
	pthread_mutex_unlock(&probes->lock);
	return result;
}

void tls_probes_remove(struct tls_probes *probes, int number)
{
	pthread_mutex_lock(&probes->lock);
	if (number >= 0 && number < TLS_FILES_MAX && probes->files[number].used)
		forget(&probes->files[number]);
	pthread_mutex_unlock(&probes->lock);
}

int tls_probes_attach(struct tls_probes *probes, bool attached, struct failure *failure)
{
	int error = 0;

	pthread_mutex_lock(&probes->lock);
	probes->attached = attached;
	for (int number = 0; number < TLS_FILES_MAX && !error; number++) {
		struct tls_file *file = &probes->files[number];

		if (!file->used)
			continue;
		if (attached)
			error = attach(probes, file);
		else
			detach(file);
	}
	pthread_mutex_unlock(&probes->lock);
	return error ? fail(failure, error, cure, "probe the functions of OpenSSL again") : 0;
}
