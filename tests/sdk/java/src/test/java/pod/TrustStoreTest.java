package pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Java takes a certificate in a PKCS#12 file for a trust anchor only if the file says so with an attribute of Java's own
 * (trustedKeyUsage). Without it the file loads, and trusts nobody.
 */
@ExtendWith(PodExtension.class)
class TrustStoreTest {

  @Test
  void theTrustStoreHoldsTheAuthorityAsItsOneTrustAnchor(Pod pod) throws Exception {
    var trustStore = Administrator.keyStore(pod.file("truststore.p12"));
    var authority = certificate(pod.file("ca.pem"));

    assertThat(new PKIXParameters(trustStore).getTrustAnchors())
        .extracting(TrustAnchor::getTrustedCert)
        .containsExactly(authority);
  }

  private static X509Certificate certificate(Path file) throws IOException, CertificateException {
    try (InputStream content = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(content);
    }
  }
}
