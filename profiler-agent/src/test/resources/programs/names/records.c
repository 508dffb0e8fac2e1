/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Broad work in C: a hash table, sorting, numbers to text and back, bits and matrices. Built as one
 * program, or with -DLIBRARY and -DPROGRAM as a library and what calls it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned long work(unsigned long round);

#ifndef PROGRAM
enum { RECORDS = 512, BUCKETS = 1024, SIDE = 24 };

struct record {
	char name[32];
	uint64_t key;
	double weight;
	struct record *next;
};

static struct record records[RECORDS];
static struct record *buckets[BUCKETS];
static uint64_t state = 88172645463325252ull;

static inline uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static inline uint32_t mix(uint32_t h, uint8_t byte)
{
	return (h ^ byte) * 16777619u;
}

static inline uint32_t hash(const char *text)
{
	uint32_t h = 2166136261u;
	while (*text)
		h = mix(h, (uint8_t)*text++);
	return h;
}

static inline char digit(unsigned value)
{
	return (char)(value < 10 ? '0' + value : 'a' + value - 10);
}

static inline char *put_number(char *out, uint64_t value, unsigned base)
{
	char reversed[64];
	int length = 0;
	do {
		reversed[length++] = digit((unsigned)(value % base));
		value /= base;
	} while (value);
	while (length)
		*out++ = reversed[--length];
	*out = 0;
	return out;
}

static inline uint64_t take_number(const char *text, unsigned base)
{
	uint64_t value = 0;
	for (; *text; text++)
		value = value * base + (unsigned)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
	return value;
}

static inline struct record **bucket_of(const char *name)
{
	return &buckets[hash(name) % BUCKETS];
}

static inline int same(const char *one, const char *other)
{
	while (*one && *one == *other) {
		one++;
		other++;
	}
	return *one == *other;
}

__attribute__((noinline)) static struct record *find(const char *name)
{
	for (struct record *r = *bucket_of(name); r; r = r->next)
		if (same(r->name, name))
			return r;
	return NULL;
}

__attribute__((noinline)) static void fill(void)
{
	memset(buckets, 0, sizeof buckets);
	for (int i = 0; i < RECORDS; i++) {
		struct record *r = &records[i];
		r->key = next_random() >> 24;
		put_number(r->name, r->key, 16);
		r->weight = (double)(r->key % 1000) / 7;
		struct record **bucket = bucket_of(r->name);
		r->next = *bucket;
		*bucket = r;
	}
}

static inline int by_weight(const struct record *one, const struct record *other)
{
	if (one->weight != other->weight)
		return one->weight < other->weight ? -1 : 1;
	return one->key < other->key ? -1 : one->key > other->key;
}

static int compare(const void *one, const void *other)
{
	return by_weight(*(struct record *const *)one, *(struct record *const *)other);
}

static inline void swap(struct record **one, struct record **other)
{
	struct record *kept = *one;
	*one = *other;
	*other = kept;
}

static void sift(struct record **heap, int at, int length)
{
	for (int child; (child = 2 * at + 1) < length; at = child) {
		if (child + 1 < length && by_weight(heap[child], heap[child + 1]) < 0)
			child++;
		if (by_weight(heap[at], heap[child]) >= 0)
			return;
		swap(&heap[at], &heap[child]);
	}
}

__attribute__((noinline)) static uint64_t sort_both_ways(void)
{
	struct record *order[RECORDS], *heap[RECORDS];
	uint64_t sum = 0;
	for (int i = 0; i < RECORDS; i++)
		order[i] = heap[i] = &records[i];
	qsort(order, RECORDS, sizeof *order, compare);
	for (int i = RECORDS / 2; i-- > 0;)
		sift(heap, i, RECORDS);
	for (int i = RECORDS - 1; i > 0; i--) {
		swap(&heap[0], &heap[i]);
		sift(heap, 0, i);
	}
	for (int i = 0; i < RECORDS; i++)
		sum += order[i] == heap[i] ? order[i]->key * (uint64_t)i : 0;
	return sum;
}

static inline double product(double a[SIDE][SIDE], double b[SIDE][SIDE], int i, int j)
{
	double sum = 0;
	for (int k = 0; k < SIDE; k++)
		sum += a[i][k] * b[k][j];
	return sum;
}

__attribute__((noinline)) static double matrices(double seed)
{
	double a[SIDE][SIDE], b[SIDE][SIDE], trace = 0;
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			a[i][j] = seed + i;
			b[i][j] = seed - j;
		}
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++)
			trace += product(a, b, i, j) / (i + j + 1);
	return trace;
}

static inline unsigned bits(uint64_t value)
{
	unsigned count = 0;
	for (; value; value &= value - 1)
		count++;
	return count;
}

static inline uint64_t reverse(uint64_t value)
{
	uint64_t out = 0;
	for (int i = 0; i < 64; i++, value >>= 1)
		out = out << 1 | (value & 1);
	return out;
}

__attribute__((noinline)) static uint64_t lookups(void)
{
	char name[32];
	uint64_t sum = 0;
	for (int i = 0; i < RECORDS; i++) {
		put_number(name, records[i].key, 16);
		struct record *found = find(name);
		sum += found ? take_number(found->name, 16) : 0;
		sum += bits(reverse(records[i].key));
	}
	return sum;
}

__attribute__((noinline)) static int edit_distance(const char *one, const char *other)
{
	int row[33] = {0};
	int length = (int)strlen(other);
	for (int j = 0; j <= length; j++)
		row[j] = j;
	for (int i = 0; one[i]; i++) {
		int corner = row[0]++;
		for (int j = 0; j < length; j++) {
			int best = corner + (one[i] != other[j]);
			corner = row[j + 1];
			best = best < corner + 1 ? best : corner + 1;
			row[j + 1] = best < row[j] + 1 ? best : row[j] + 1;
		}
	}
	return row[length];
}

unsigned long work(unsigned long round)
{
	unsigned long sum = 0;
	fill();
	sum += lookups();
	sum += sort_both_ways();
	sum += (unsigned long)matrices((double)round);
	for (int i = 0; i + 1 < RECORDS; i += 4)
		sum += (unsigned long)edit_distance(records[i].name, records[i + 1].name);
	return sum;
}
#endif

#ifndef LIBRARY
int main(void)
{
	static volatile unsigned long sink;
	for (unsigned long round = 0;; round++)
		sink += work(round);
}
#endif
