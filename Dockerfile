# dedup in a container that runs as a user without rights, on a read-only file system:
#
#   docker build -t dedup .
#   docker run --rm --read-only --tmpfs /tmp --network none -v "$PWD/feeds:/feeds:ro" dedup scan /feeds
#
# Kernels are compiled when the image is built and read from DEDUP_CACHE; nothing is written when it runs but results
# (mount a folder for --output) and, beyond the memory limit, temporary files in /tmp.

FROM python:3.13-slim AS build
COPY . /src
RUN python -m venv /opt/dedup \
 && /opt/dedup/bin/pip install --no-cache-dir "/src[redis]"

FROM python:3.13-slim
COPY --from=build /opt/dedup /opt/dedup
ENV PATH=/opt/dedup/bin:$PATH \
    DEDUP_CACHE=/opt/dedup/kernels \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUTF8=1
RUN python -m compileall -q /opt/dedup/lib \
 && python -m dedup.compile \
 && useradd --system --no-create-home --shell /usr/sbin/nologin dedup
USER dedup
WORKDIR /tmp
ENTRYPOINT ["dedup"]
CMD ["--help"]
