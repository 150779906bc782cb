package dev.ancestral.job.train.dl4j;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/** Answers datagrams for a while, and finds out who answers. */
final class UdpEcho {
  /** Of the datagrams of Aeron. */
  static final int DATAGRAM = 1408;

  private static final int LIFE_SECONDS = 60;
  private static final int TRIES = 4;
  private static final int WAIT_MILLIS = 400;

  private static DatagramSocket socket;
  private static volatile long until;

  private UdpEcho() {}

  /**
   * Answers on an address of this machine for a minute.
   *
   * @return the port
   */
  static synchronized int answer(String address) throws IOException {
    until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIFE_SECONDS);
    if (socket == null || socket.isClosed()) {
      DatagramSocket opened = new DatagramSocket(0, InetAddress.getByName(address));
      opened.setSoTimeout(WAIT_MILLIS);
      Thread thread = new Thread(() -> answer(opened), "udp echo");
      thread.setDaemon(true);
      thread.start();
      socket = opened;
    }
    return socket.getLocalPort();
  }

  private static void answer(DatagramSocket opened) {
    DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM], DATAGRAM);
    try (opened) {
      while (System.nanoTime() < until) {
        try {
          packet.setLength(DATAGRAM);
          opened.receive(packet);
          opened.send(packet);
        } catch (SocketTimeoutException silence) {
          // Perhaps there is still time.
        }
      }
    } catch (IOException e) {
      // The asking side finds that there is no answer.
    }
  }

  /** Whether there is an answer to a datagram as long as those of Aeron. */
  static boolean answers(String address, int port) {
    try (DatagramSocket asking = new DatagramSocket()) {
      asking.setSoTimeout(WAIT_MILLIS);
      for (int i = 0; i < TRIES; i++) {
        asking.send(
            new DatagramPacket(new byte[DATAGRAM], DATAGRAM, new InetSocketAddress(address, port)));
        DatagramPacket answer = new DatagramPacket(new byte[DATAGRAM], DATAGRAM);
        try {
          asking.receive(answer);
          return answer.getLength() == DATAGRAM;
        } catch (SocketTimeoutException silence) {
          // Datagrams get lost; not all of them do.
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }
}
