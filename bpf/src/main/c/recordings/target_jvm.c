// SPDX-License-Identifier: Apache-2.0
/*
 * Does what has to be done inside of a JVM's container, as the JVM's own user: it joins the
 * namespaces of the process and takes its ids before it touches a file, so that a link which the
 * target laid leads nowhere where the target could not go itself.
 *
 *   target_jvm PID install NAME NEEDED_BYTES    library on stdin; prints the directory that was made
 *   target_jvm PID load LIBRARY OPTIONS         prints the JVM's answer
 *   target_jvm PID size FILE                    prints the size of a file, and what is free beside it
 *   target_jvm PID fetch FILE MOST_BYTES        file on stdout
 *   target_jvm PID remove DIRECTORY             with all files in it
 *
 * The attach protocol is that of HotSpot (src/jdk.attach/linux/classes/sun/tools/attach/
 * VirtualMachineImpl.java, src/hotspot/os/posix/attachListener_posix.cpp).
 *
 * Ends with 0, or with a line on stderr and: 1 something failed, 2 wrong call, 3 the process is
 * gone, 4 it does not answer, 5 there is no room, 6 the JVM said no.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { FAILED = 1, CALL = 2, GONE = 3, SILENT = 4, FULL = 5, REFUSED = 6 };

#define LIBRARY "libasyncProfiler.so"
#define ANSWER_MAX (64 << 10)
#define POLL_MILLIS 20
#define STARTS_MILLIS 6000
#define ANSWERS_SECONDS 30

struct target {
	pid_t pid;    /* in our namespace */
	long ns_pid;  /* in its own */
	uid_t uid;
	gid_t gid;
	bool quits;   /* whether SIGQUIT would end it */
	int pidfd;
	int cwd;
};

__attribute__((noreturn, format(printf, 2, 3))) static void die(int code, const char *what, ...)
{
	int error = errno;
	va_list values;

	va_start(values, what);
	vfprintf(stderr, what, values);
	va_end(values);
	fprintf(stderr, error && code != CALL ? ": %s\n" : "\n", strerror(error));
	exit(code);
}

static void read_status(struct target *target)
{
	char path[64], line[256];
	unsigned long long caught = 0;
	unsigned int uid = 0, gid = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", target->pid);
	status = fopen(path, "re");
	if (!status)
		die(GONE, "process %d is gone", target->pid);
	target->ns_pid = target->pid;
	while (fgets(line, sizeof(line), status)) {
		if (sscanf(line, "Uid:\t%*u\t%u", &uid) == 1)
			target->uid = uid;
		else if (sscanf(line, "Gid:\t%*u\t%u", &gid) == 1)
			target->gid = gid;
		else if (strncmp(line, "NSpid:", 6) == 0)
			target->ns_pid = strtol(strrchr(line, '\t') + 1, NULL, 10);
		else
			sscanf(line, "SigCgt:\t%llx", &caught);
	}
	fclose(status);
	target->quits = !(caught & (1ULL << (SIGQUIT - 1)));
}

static int open_in(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return open(path, flags | O_CLOEXEC);
}

static bool same_namespace(pid_t pid, const char *name)
{
	char ours[64], theirs[64];
	struct stat a, b;

	snprintf(ours, sizeof(ours), "/proc/self/%s", name);
	snprintf(theirs, sizeof(theirs), "/proc/%d/%s", pid, name);
	return stat(ours, &a) == 0 && stat(theirs, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The mount namespace comes last: /proc is another one there. */
static void join_namespaces(struct target *target)
{
	static const char *const names[] = { "ns/net", "ns/ipc", "ns/mnt" };
	int root = open_in(target->pid, "root", O_PATH | O_DIRECTORY);
	int fds[3];

	for (int i = 0; i < 3; i++)
		fds[i] = same_namespace(target->pid, names[i]) ? -2 : open_in(target->pid, names[i], O_RDONLY);
	for (int i = 0; i < 3; i++)
		if (fds[i] == -1 || (fds[i] >= 0 && setns(fds[i], 0) < 0))
			die(FAILED, "cannot join %s of process %d", names[i], target->pid);
	/* A process may have a root of its own without a namespace of its own. */
	if (root < 0 || fchdir(root) < 0 || chroot(".") < 0 || chdir("/") < 0)
		die(FAILED, "cannot enter the root of process %d", target->pid);
	close(root);
}

static void become(const struct target *target)
{
	if (geteuid() == 0 && setgroups(0, NULL) < 0)
		die(FAILED, "cannot leave our groups");
	if (setresgid(target->gid, target->gid, target->gid) < 0
	    || setresuid(target->uid, target->uid, target->uid) < 0)
		die(FAILED, "cannot become user %u, group %u", target->uid, target->gid);
	umask(077);
}

/* A process that ends closes its sockets some time before it is gone: its pidfd is then readable. */
static bool has_ended(const struct target *target, int wait_millis)
{
	struct pollfd end = { .fd = target->pidfd, .events = POLLIN };

	return poll(&end, 1, wait_millis) > 0;
}

static void enter(struct target *target)
{
	target->pidfd = (int) syscall(SYS_pidfd_open, target->pid, 0);
	if (target->pidfd < 0)
		die(GONE, "process %d is gone", target->pid);
	read_status(target);
	target->cwd = open_in(target->pid, "cwd", O_PATH | O_DIRECTORY);
	join_namespaces(target);
	become(target);
	/* A name that was reused meanwhile would be somebody else's. */
	if (has_ended(target, 0))
		die(GONE, "process %d is gone", target->pid);
}

static void write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die(errno == ENOSPC || errno == EDQUOT ? FULL : FAILED, "cannot write");
		bytes += n;
		length -= (size_t) n;
	}
}

static long long copy(int from, int to, long long most)
{
	static char buffer[1 << 16];
	long long total = 0;

	while (true) {
		ssize_t n = read(from, buffer, sizeof(buffer));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die(FAILED, "cannot read");
		if (n == 0)
			return total;
		total += n;
		if (total > most) {
			errno = 0;
			die(FULL, "the file has more than %lld bytes", most);
		}
		write_all(to, buffer, (size_t) n);
	}
}

static unsigned long long free_bytes(const struct statvfs *fs)
{
	return (unsigned long long) fs->f_bavail * fs->f_frsize;
}

static void remove_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *files = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *file;

	if (!files) {
		if (errno == ENOENT)
			return;
		die(FAILED, "cannot open %s", path);
	}
	while ((file = readdir(files)))
		if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0)
			unlinkat(dirfd(files), file->d_name, 0);
	closedir(files);
	if (rmdir(path) < 0)
		die(FAILED, "cannot remove %s", path);
}

static int install(const char *name, unsigned long long needed)
{
	static const char *const places[] = { "/tmp", "/var/tmp", "/dev/shm" };
	unsigned long long most = 0;
	char directory[PATH_MAX], file[PATH_MAX + 32];
	int fd;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct statvfs fs;

		if (statvfs(places[i], &fs) < 0 || (fs.f_flag & (ST_NOEXEC | ST_RDONLY)))
			continue;
		if (free_bytes(&fs) > most)
			most = free_bytes(&fs);
		if (free_bytes(&fs) < needed)
			continue;
		snprintf(directory, sizeof(directory), "%s/%s", places[i], name);
		if (mkdir(directory, 0700) < 0)
			continue;
		snprintf(file, sizeof(file), "%s/" LIBRARY, directory);
		fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0500);
		if (fd < 0 || copy(STDIN_FILENO, fd, 64 << 20) == 0 || close(fd) < 0) {
			int error = errno;

			remove_directory(directory);
			errno = error;
			die(FAILED, "cannot copy the library to %s", directory);
		}
		printf("%s\n", directory);
		return 0;
	}
	errno = 0;
	die(FULL,
	    "no directory of the process can take the library and the recording: %llu bytes are free at most, "
	    "%llu are needed, in /tmp, /var/tmp or /dev/shm, not read-only and not noexec",
	    most, needed);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *) &address, sizeof(address)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void check_alive(const struct target *target)
{
	errno = 0;
	if (has_ended(target, 1000))
		die(GONE, "process %d ended meanwhile", target->pid);
}

/* Asks a JVM that has no socket yet to make one: a file of this name, and SIGQUIT. */
static int wake(struct target *target, const char *socket_path)
{
	char name[64], fallback[96];
	int fd = -1, connection = -1;
	bool in_cwd = true;

	if (target->quits) {
		errno = 0;
		die(REFUSED, "the process does not handle SIGQUIT: it is no JVM, or it is still starting (or has -Xrs)");
	}
	snprintf(name, sizeof(name), ".attach_pid%ld", target->ns_pid);
	snprintf(fallback, sizeof(fallback), "/tmp/%s", name);
	if (target->cwd >= 0)
		fd = openat(target->cwd, name, O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		in_cwd = false;
		fd = open(fallback, O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	if (fd < 0)
		die(FAILED, "cannot create %s", fallback);
	close(fd);
	if (syscall(SYS_pidfd_send_signal, target->pidfd, SIGQUIT, NULL, 0) == 0)
		for (int waited = 0; waited < STARTS_MILLIS && connection < 0; waited += POLL_MILLIS) {
			usleep(POLL_MILLIS * 1000);
			connection = connect_to(socket_path);
			if (has_ended(target, 0))
				break;
		}
	if (in_cwd)
		unlinkat(target->cwd, name, 0);
	else
		unlink(fallback);
	return connection;
}

static int load(struct target *target, const char *library, const char *options)
{
	char path[64];
	char *answer = malloc(ANSWER_MAX + 1);
	size_t length = 0;
	int connection;
	long code;

	snprintf(path, sizeof(path), "/tmp/.java_pid%ld", target->ns_pid);
	connection = connect_to(path);
	if (connection < 0)
		connection = wake(target, path);
	if (connection < 0 || !answer) {
		check_alive(target);
		errno = 0;
		die(SILENT, "the JVM did not open its attach socket in %d ms (is it stopped, or is attaching disabled?)",
		    STARTS_MILLIS);
	}
	write_all(connection, "1\0load", 7);
	write_all(connection, library, strlen(library) + 1);
	write_all(connection, "true", 5);
	write_all(connection, options, strlen(options) + 1);
	while (length < ANSWER_MAX) {
		struct pollfd ready = { .fd = connection, .events = POLLIN };
		int polled = poll(&ready, 1, ANSWERS_SECONDS * 1000);
		ssize_t n = polled > 0 ? read(connection, answer + length, ANSWER_MAX - length) : -1;

		if (polled == 0) {
			errno = 0;
			die(SILENT, "the JVM did not answer in %d s", ANSWERS_SECONDS);
		}
		if (n <= 0)
			break;
		length += (size_t) n;
	}
	answer[length] = 0;
	if (length == 0) {
		check_alive(target);
		die(FAILED, "the JVM closed the connection without an answer");
	}
	fputs(answer, stdout);
	/* The first line is about the command; what the library returned follows, as "return code: N" since
	   JDK 9, as a bare number before. */
	code = strtol(answer, NULL, 10);
	if (code == 0 && strchr(answer, '\n')) {
		char *second = strchr(answer, '\n') + 1;

		if (strncmp(second, "return code: ", 13) == 0)
			second += 13;
		code = strtol(second, NULL, 10);
		if (code == 0 && *second && *second != '0')
			code = FAILED;
	}
	errno = 0;
	if (code != 0)
		die(REFUSED, "the JVM answered: %s", answer);
	return 0;
}

static int open_regular(const char *path, struct stat *info)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, info) < 0)
		die(FAILED, "cannot open %s", path);
	errno = 0;
	if (!S_ISREG(info->st_mode))
		die(FAILED, "%s is no ordinary file", path);
	return fd;
}

static int size(const char *path)
{
	struct stat info;
	struct statvfs fs;
	int fd = open_regular(path, &info);

	if (fstatvfs(fd, &fs) < 0)
		die(FAILED, "cannot look at the file system of %s", path);
	printf("%lld %llu\n", (long long) info.st_size, free_bytes(&fs));
	return 0;
}

static int fetch(const char *path, long long most)
{
	struct stat info;
	int fd = open_regular(path, &info);

	copy(fd, STDOUT_FILENO, most);
	return 0;
}

int main(int count, char **words)
{
	struct target target = { .cwd = -1, .pidfd = -1 };
	const char *command;

	if (count < 4 || (target.pid = (pid_t) strtol(words[1], NULL, 10)) <= 0)
		die(CALL, "use: target_jvm PID install|load|size|fetch|remove ...");
	signal(SIGPIPE, SIG_IGN);
	command = words[2];
	/* What it does never takes long; a file system that hangs must not keep it. */
	alarm(120);
	enter(&target);
	errno = 0;
	if (strcmp(command, "install") == 0 && count == 5)
		return install(words[3], strtoull(words[4], NULL, 10));
	if (strcmp(command, "load") == 0 && count == 5)
		return load(&target, words[3], words[4]);
	if (strcmp(command, "size") == 0)
		return size(words[3]);
	if (strcmp(command, "fetch") == 0 && count == 5)
		return fetch(words[3], strtoll(words[4], NULL, 10));
	if (strcmp(command, "remove") == 0) {
		remove_directory(words[3]);
		return 0;
	}
	die(CALL, "there is no command %s", command);
}
