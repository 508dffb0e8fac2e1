// SPDX-License-Identifier: Apache-2.0
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

static __thread char said[2048];

int fail(struct failure *failure, int error, const char *cure, const char *attempt, ...)
{
	va_list arguments;

	failure->error = error < 0 ? -error : error;
	va_start(arguments, attempt);
	vsnprintf(failure->attempt, sizeof(failure->attempt), attempt, arguments);
	va_end(arguments);
	snprintf(failure->cure, sizeof(failure->cure), "%s", cure);
	snprintf(failure->detail, sizeof(failure->detail), "%s", said);
	return -1;
}

/* The end of a verifier's log is what matters, so the beginning is what gives way. */
static int keep(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char line[sizeof(said)];
	size_t length, kept = strlen(said);
	int printed;

	if (level == LIBBPF_DEBUG)
		return 0;
	printed = vsnprintf(line, sizeof(line), format, arguments);
	if (printed <= 0)
		return 0;
	length = (size_t)printed < sizeof(line) ? (size_t)printed : sizeof(line) - 1;
	if (kept + length >= sizeof(said)) {
		size_t drop = kept + length + 1 - sizeof(said);

		memmove(said, said + drop, kept - drop + 1);
		kept -= drop;
	}
	memcpy(said + kept, line, length);
	said[kept + length] = 0;
	return printed;
}

void capture_libbpf_log(void)
{
	libbpf_set_print(keep);
}

void clear_libbpf_log(void)
{
	said[0] = 0;
}

const char *libbpf_log(void)
{
	return said;
}
