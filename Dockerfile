# One static file on nothing: no shell, no package manager, no user but a number.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /out/hindcast ./cmd/hindcast \
 && mkdir -p /out/data

FROM scratch
LABEL org.opencontainers.image.title="hindcast" \
      org.opencontainers.image.description="Remembers why your upgrades failed, and tells you before the next attempt." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/hindcast-kb/hindcast"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /usr/local/go/lib/time/
COPY --from=build /out/hindcast /hindcast
COPY --from=build --chown=65532:65532 /out/data /data
ENV HINDCAST_DATA_DIR=/data \
    HINDCAST_LISTEN=0.0.0.0:8080 \
    ZONEINFO=/usr/local/go/lib/time/zoneinfo.zip \
    TMPDIR=/data
USER 65532:65532
# The only folder that is written to; the root may be read-only.
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/hindcast"]
CMD ["serve"]
