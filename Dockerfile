# burnproof from its wheel, with what it needs by hash: docker build -t burnproof . && docker run --rm -v "$PWD:/work" burnproof check
FROM python:3.13-slim AS build
COPY . /src
WORKDIR /src
RUN python -m pip install --quiet --require-hashes -r requirements.lock
RUN python -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
COPY --from=build /wheels /wheels
RUN python -m pip install --quiet --no-cache-dir /wheels/*.whl
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends git && rm -rf /var/lib/apt/lists/*
WORKDIR /work
ENTRYPOINT ["burnproof"]
CMD ["--help"]
