package dev.ancestral.job.train.dl4j;

import dev.ancestral.spark.ExecutorLocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.parameterserver.distributed.conf.VoidConfiguration;
import org.nd4j.parameterserver.distributed.v2.transport.PortSupplier;

/**
 * Addresses and ports of the processes that share gradients. DeepLearning4J wants a mask that
 * matches one network on all machines and one port that is free on all of them; Spark knows by
 * which address each process is reached, and the system knows free ports.
 */
final class MeshSettings extends VoidConfiguration {
  private static final long serialVersionUID = 1L;

  /** A message that finds no room waits for so long; by default for a second. */
  private static final long RETRANSMIT_MILLIS = 1;

  private final String driverAddress;
  private final AeronFiles files;

  /**
   * Settings with a free port of the driver's, on which this is called.
   *
   * @param driverAddress by which executors reach the driver
   */
  MeshSettings(String driverAddress, AeronFiles files) {
    this.driverAddress = driverAddress;
    this.files = files;
    setControllerAddress(driverAddress);
    setPortSupplier(new FreePort(freePort()));
    setRetransmitTimeout(RETRANSMIT_MILLIS);
    files.apply();
  }

  /** The address by which others reach this process, in numbers. */
  static String ownAddress(String host) {
    try {
      return InetAddress.getByName(host).getHostAddress();
    } catch (UnknownHostException e) {
      throw new UncheckedIOException("this machine does not know its own name " + host, e);
    }
  }

  /** Asked for in every process before its media driver is launched. */
  @Override
  public String getNetworkMask() {
    files.apply();
    ExecutorLocation here = ExecutorLocation.here();
    String address = here.isDriver() ? driverAddress : ownAddress(here.host());
    return address.substring(0, address.lastIndexOf('.')) + ".0/24";
  }

  private static int freePort() {
    try (DatagramSocket socket = new DatagramSocket()) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no UDP port is free", e);
    }
  }

  /**
   * A free port for each process.
   *
   * @param drivers the driver's, which all others have to know
   */
  private record FreePort(int drivers) implements PortSupplier {
    private static final long serialVersionUID = 1L;

    /** It is asked for more than once, and must not change. */
    private static final Map<Integer, Integer> OWN = new HashMap<>();

    @Override
    public int getPort() {
      if (ExecutorLocation.here().isDriver()) {
        return drivers;
      }
      synchronized (OWN) {
        return OWN.computeIfAbsent(drivers, mesh -> freePort());
      }
    }
  }
}
