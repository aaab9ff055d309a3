#if TLS
import NIOCore
import NIOTLS

/// One of two handlers that pass on what their channels read, each to the other, on one event loop.
///
/// It reads only while the other side takes what is written: a slow reader slows the server down, and costs no memory.
final class GlueHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let failure: TLSTunnel.Failure
    private var other: GlueHandler?
    private var context: ChannelHandlerContext?
    /// True if a read was asked for while the other side was full.
    private var owesRead = false

    private init(_ failure: TLSTunnel.Failure) {
        self.failure = failure
    }

    /// Two that know each other.
    static func pair(_ failure: TLSTunnel.Failure) -> (GlueHandler, GlueHandler) {
        let one = GlueHandler(failure)
        let other = GlueHandler(failure)
        one.other = other
        other.other = one
        return (one, other)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        other = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other?.context?.write(wrapOutboundOut(unwrapInboundIn(data)), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        other?.context?.flush()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        other?.context?.close(promise: nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure.note(error)
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { other?.readNow() }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if other?.context?.channel.isWritable ?? true {
            context.read()
        } else {
            owesRead = true
        }
    }

    private func readNow() {
        guard owesRead else { return }
        owesRead = false
        context?.read()
    }
}

/// Waits until both sides of a connection trust each other, or one says why not.
final class TLSHandshakeWaiter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<Void>
    private let failure: TLSTunnel.Failure

    init(_ promise: EventLoopPromise<Void>, _ failure: TLSTunnel.Failure) {
        self.promise = promise
        self.failure = failure
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { promise.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure.note(error)
        promise.fail(error)
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
#endif
