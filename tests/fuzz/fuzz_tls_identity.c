/* SPDX-License-Identifier: MIT */
/* A certificate from the wire: which names it proves. None of them holds a byte that no name has. */
#include "sipside/transport/tls_identity.h"

#include <openssl/x509.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned char *at = data;
	X509 *certificate = d2i_X509(NULL, &at, (long)size);
	struct tls_identity id;

	if (!certificate)
		return 0;
	tls_identity_read(&id, certificate);
	for (unsigned i = 0; i < id.count; i++) {
		struct str name = id.names[i].text;

		for (size_t k = 0; k < name.n; k++)
			if (name.p[k] <= ' ' || name.p[k] >= 0x7f)
				abort();
		if (tls_identity_proves(&id, name) && id.names[i].kind == TLS_NAME_WILDCARD)
			abort();
	}
	tls_identity_finish(&id);
	X509_free(certificate);
	return 0;
}
