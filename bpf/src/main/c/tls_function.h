/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Functions of OpenSSL that are watched: the cookie by which a program knows which one it is in. */
#ifndef FLAREPATH_TLS_FUNCTION_H
#define FLAREPATH_TLS_FUNCTION_H

/* By how they are called. Same numbers as io.flarepath.bpf.TlsFunction. */
enum tls_function {
	TLS_READ = 1,	  /* int (ssl, buffer, int length): bytes, or not positive */
	TLS_READ_EX = 2,  /* int (ssl, buffer, length, *bytes): 1, or there are none */
	TLS_WRITE = 3,	  /* as TLS_READ */
	TLS_WRITE_EX = 4, /* as TLS_READ_EX */
	TLS_SENDFILE = 5, /* long (ssl, fd, offset, length, flags): bytes, or not positive */
	TLS_NEW = 6,	  /* ssl (context): only its return is looked at */
	TLS_CLEAR = 7,	  /* int (ssl): it is as new; only its entry is looked at */
	TLS_HANDSHAKE = 8, /* int (ssl): carries nothing, but uses the socket */
};

#endif
