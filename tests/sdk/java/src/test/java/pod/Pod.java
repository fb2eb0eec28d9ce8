package pod;

import java.nio.file.Path;

/** A pod that is ready: its ports and the directories of the certificates it trusts and of those it does not. */
record Pod(int port, int mtlsPort, int controlPort, Path home, Path foreign) {

  /** The password of every PKCS#12 file the pod's binary writes. */
  static final String PASSWORD = "changeit";
}
