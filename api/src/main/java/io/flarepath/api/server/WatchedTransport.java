package io.flarepath.api.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.transport.Transport;
import java.util.concurrent.ThreadFactory;

/**
 * The machine's own transport, whose listening sockets have a handler that sees connections as they
 * are accepted. Vert.x itself tells of a connection in clear text only when its first request head
 * is whole.
 */
final class WatchedTransport implements io.vertx.core.transport.Transport {
    private final io.vertx.core.transport.Transport inner;
    private final ChannelHandler accepting;

    /**
     * A transport.
     *
     * @param accepting is read each channel that a listening socket accepts; shareable
     */
    WatchedTransport(ChannelHandler accepting) {
        io.vertx.core.transport.Transport own = io.vertx.core.transport.Transport.nativeTransport();
        this.inner = own != null && own.available() ? own : io.vertx.core.transport.Transport.NIO;
        this.accepting = accepting;
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public boolean available() {
        return inner.available();
    }

    @Override
    public Throwable unavailabilityCause() {
        return inner.unavailabilityCause();
    }

    @Override
    public Transport implementation() {
        return new Watched(inner.implementation(), accepting);
    }

    private record Watched(Transport inner, ChannelHandler accepting) implements Transport {
        @Override
        public boolean supportsDomainSockets() {
            return inner.supportsDomainSockets();
        }

        @Override
        public boolean supportFileRegion() {
            return inner.supportFileRegion();
        }

        @Override
        public boolean isAvailable() {
            return inner.isAvailable();
        }

        @Override
        public Throwable unavailabilityCause() {
            return inner.unavailabilityCause();
        }

        @Override
        public java.net.SocketAddress convert(SocketAddress address) {
            return inner.convert(address);
        }

        @Override
        public SocketAddress convert(java.net.SocketAddress address) {
            return inner.convert(address);
        }

        @Override
        public IoHandlerFactory ioHandlerFactory() {
            return inner.ioHandlerFactory();
        }

        @Override
        public EventLoopGroup eventLoopGroup(
                int type, int threads, ThreadFactory factory, int ioRatio) {
            return inner.eventLoopGroup(type, threads, factory, ioRatio);
        }

        @Override
        public DatagramChannel datagramChannel() {
            return inner.datagramChannel();
        }

        @Override
        @SuppressWarnings("deprecation") // Vert.x's interface has it still.
        public DatagramChannel datagramChannel(InternetProtocolFamily family) {
            return inner.datagramChannel(family);
        }

        @Override
        public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
            return inner.channelFactory(domainSocket);
        }

        @Override
        public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
            return inner.serverChannelFactory(domainSocket);
        }

        @Override
        public void configure(DatagramChannel channel, DatagramSocketOptions options) {
            inner.configure(channel, options);
        }

        @Override
        public void configure(
                ClientOptionsBase options,
                int connectTimeout,
                boolean domainSocket,
                io.netty.bootstrap.Bootstrap bootstrap) {
            inner.configure(options, connectTimeout, domainSocket, bootstrap);
        }

        @Override
        public void configure(
                NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
            inner.configure(options, domainSocket, bootstrap);
            bootstrap.handler(accepting);
        }
    }
}
