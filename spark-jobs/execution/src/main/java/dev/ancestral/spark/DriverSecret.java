package dev.ancestral.spark;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.UUID;
import org.apache.spark.SparkEnv;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEndpoint;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.util.RpcUtils;
import scala.PartialFunction;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;

/**
 * A secret that the executors ask the driver for over Spark's RPC. It is in no closure, which Spark
 * keeps as a block that any process can fetch that reaches a block manager, and in no local
 * property, which event logs show.
 *
 * <p>Where {@code spark.authenticate} is on, the application's secret is mixed in, which each of
 * its processes has and nothing sends: who only reads the RPC does not know enough.
 */
public final class DriverSecret implements AutoCloseable {
  private static final int BYTES = 32;

  private final String name = "ancestral-secret-" + UUID.randomUUID();
  private final RpcEnv rpc;
  private final RpcEndpointRef endpoint;

  private DriverSecret() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    rpc = SparkEnv.get().rpcEnv();
    endpoint = rpc.setupEndpoint(name, new Answer(rpc, HexFormat.of().formatHex(bytes)));
  }

  /** A new one, which this driver hands out until it is closed. */
  public static DriverSecret serve() {
    return new DriverSecret();
  }

  /** By which executors {@link #ask} for it; no secret. */
  public String name() {
    return name;
  }

  /** On an executor: what all that ask for the same name get. */
  public static byte[] ask(String name) {
    SparkEnv env = SparkEnv.get();
    String drawn =
        RpcUtils.makeDriverRef(name, env.conf(), env.rpcEnv())
            .askSync(name, ClassTag$.MODULE$.apply(String.class));
    String ofApplication = env.securityManager().getSecretKey();
    return (drawn + "\n" + (ofApplication == null ? "" : ofApplication))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Hands it out no more. */
  @Override
  public void close() {
    rpc.stop(endpoint);
  }

  // Texts alone: Spark's RPC reads messages without the classes of --jars.
  private record Answer(RpcEnv rpcEnv, String secret) implements RpcEndpoint {
    @Override
    public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext context) {
      return new AbstractPartialFunction<>() {
        @Override
        public boolean isDefinedAt(Object question) {
          return true;
        }

        @Override
        public BoxedUnit apply(Object question) {
          context.reply(secret);
          return BoxedUnit.UNIT;
        }
      };
    }

    @Override
    public String toString() {
      return "(secret)";
    }
  }
}
